using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using DropoutLab.Cli.Commands;
using DropoutLab.Cli.Machine;
using DropoutLab.Cli.Options;

namespace DropoutLab.Cli;

/// <summary>The command dropoutlab: arguments in, an exit code out.</summary>
public static class CommandLineApplication
{
    /// <summary>The command's name in its help and messages.</summary>
    public const string Name = "dropoutlab";

    /// <summary>Set to 1, it has defects of the program show their stack trace.</summary>
    public const string DebugVariable = "DROPOUTLAB_DEBUG";

    internal static ParserConfiguration Parser { get; } = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    /// <summary>Runs a command line.</summary>
    /// <param name="args">The arguments, without the program's name.</param>
    /// <param name="output">Where results go; progress is live if this is the terminal.</param>
    /// <param name="error">Where what went wrong goes: one line.</param>
    /// <param name="cancellation">Stops work between two steps.</param>
    /// <returns>0; 2 for an argument, file or value that is wrong; 130 where cancelled; 1 for a defect of the program.</returns>
    public static int Run(
        IReadOnlyList<string> args, TextWriter output, TextWriter error, CancellationToken cancellation = default) =>
        Run(args, new CommandConsole(output, error, cancellation));

    internal static int Run(IReadOnlyList<string> args, CommandConsole console)
    {
        ParseResult? parse = null;
        try
        {
            parse = CreateRoot(console).Parse(args, Parser);
            return Invoke(parse, console);
        }
        catch (DropoutLabException exception)
        {
            return console.Fail(Describe(exception, parse), ExitCode.BadInput);
        }
        catch (OperationCanceledException) when (console.Cancellation.IsCancellationRequested)
        {
            return console.Fail("interrupted", ExitCode.Interrupted);
        }
        catch (OutOfMemoryException)
        {
            return console.Fail(
                "there is not enough memory: a smaller batch size, network or data set needs less", ExitCode.BadInput);
        }
        catch (Exception exception)
            when (CommandConsole.IsUnwritable(exception) && Environment.GetEnvironmentVariable(DebugVariable) != "1")
        {
            // Files say their names themselves: this is where results go.
            return console.Fail($"the output cannot be written: {exception.Message}", ExitCode.BadInput);
        }
        catch (Exception exception) when (Environment.GetEnvironmentVariable(DebugVariable) != "1")
        {
            return console.Fail(
                $"unexpected {exception.GetType().Name}: {exception.Message} ({DebugVariable}=1 shows where)",
                ExitCode.Unexpected);
        }
    }

    private static int Invoke(ParseResult parse, CommandConsole console) => parse.Action is ParseErrorAction
        ? console.Fail(ParseErrors.Describe(parse), ExitCode.BadInput)
        : parse.Invoke(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
            Output = console.Output,
            Error = console.Error,
        });

    /// <summary>The error, with the option in front that gave the value at fault.</summary>
    private static string Describe(DropoutLabException exception, ParseResult? parse)
    {
        string? name = exception.Setting is { } setting ? SharedOptions.NameOf(setting) : null;
        bool isGiven = parse?.CommandResult.Command.Options.FirstOrDefault(option => option.Name == name) is { } option
            && parse.GetResult(option) is { Implicit: false };
        return isGiven ? $"{name}: {exception.Message}" : exception.Message;
    }

    private static Command CreateRoot(CommandConsole console)
    {
        // No RootCommand: that would name itself after the assembly.
        Command root = new(Name, "Neural networks on the CPU under full control of dropout.")
        {
            new TrainCommand(console),
            new EvaluateCommand(console),
            new PredictCommand(console),
            new EmbedCommand(console),
            new ExportCommand(console),
            new ReproduceCommand(console),
            new SweepCommand(console),
            new SweepRunCommand(console),
            new SweepTaskCommand(console),
            new ReportCommand(console),
            new DashboardCommand(console),
            new AuditCommand(console),
            new VerifyCommand(console),
            new BenchCommand(console),
            new ExplainCommand(console),
            new DataCommand(console),
            new InfoCommand(console),
            new HelpOption { Recursive = true, Action = new HelpAction { MaxWidth = console.Ansi.Profile.Width } },
            new Option<bool>("--version") { Description = "Show the version", Action = new VersionAction() },
        };
        root.SetAction(parse => new HelpAction { MaxWidth = console.Ansi.Profile.Width }.Invoke(parse));
        return root;
    }

    private sealed class VersionAction : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine($"{Name} {RunEnvironment.Version}");
            return ExitCode.Success;
        }
    }
}
