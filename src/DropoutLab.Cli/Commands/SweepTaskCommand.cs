using System.CommandLine;
using DropoutLab.Cli.Machine;
using DropoutLab.Cli.Options;
using DropoutLab.Experiments;
using DropoutLab.Experiments.Slurm;

namespace DropoutLab.Cli.Commands;

/// <summary>A task of Slurm's that trains one run of a sweep.</summary>
internal sealed class SweepTaskCommand : Command
{
    public const string CommandName = "sweep-task";

    private readonly CommandConsole console;
    private readonly Argument<string> folder = CommandOption.PathArgument("DIR", "The sweep's folder");
    private readonly Argument<string> name = CommandOption.PathArgument("RUN", "The run's name");
    private readonly Option<string?> dataDirectory = SharedOptions.DataDirectory();

    public SweepTaskCommand(CommandConsole console)
        : base(CommandName, "A task of a sweep; started by Slurm.")
    {
        this.console = console;
        Hidden = true;
        Add(folder);
        Add(name);
        Add(dataDirectory);
        SetAction((parse, _) => Run(parse));
    }

    /// <summary>The line of a script that trains a run whose name is added to it.</summary>
    public static string Line(string root, string? dataDirectory)
    {
        string[] data = dataDirectory is null ? [] : [$"--data-dir={Path.GetFullPath(dataDirectory)}"];
        return string.Join(' ', OwnProgram.Words([CommandName, .. data, Path.GetFullPath(root)]).Select(CommandConsole.Quoted));
    }

    private async Task<int> Run(ParseResult parse)
    {
        ThreadBinding.Forget();
        string? data = parse.GetValue(dataDirectory);
        RunOutcome outcome = await SlurmRun.RunAsync(
            parse.GetRequiredValue(folder), parse.GetRequiredValue(name),
            (run, runFolder) => OwnProgram.Start(SweepRunCommand.ArgumentsFor(run, runFolder, data)), console.Cancellation);
        string run = outcome.Record.Run.Name;
        if (outcome.Reason is { } reason)
            return console.Fail($"{run} failed: {reason}", ExitCode.RunsFailed);
        if (outcome.Collapse is { } collapse)
            console.Note($"{run}: {collapse}");
        console.Output.WriteLine($"{run}: finished");
        return ExitCode.Success;
    }
}
