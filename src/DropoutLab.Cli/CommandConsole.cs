using DropoutLab.Cli.Machine;
using DropoutLab.Storage;
using Spectre.Console;

namespace DropoutLab.Cli;

/// <summary>Where a command writes to, and what tells it to stop.</summary>
internal sealed class CommandConsole
{
    private const int WidthOfFiles = 120;
    private const int NarrowestForPictures = 10;
    private const string StartedAs = "DROPOUTLAB_COMMAND";

    /// <summary>What no shell takes for more than itself.</summary>
    private static readonly string Plain = "_./:+,=@%-" + (OperatingSystem.IsWindows() ? '\\' : "");

    public CommandConsole(TextWriter output, TextWriter error, CancellationToken cancellation, StepClock? steps = null)
        : this(output, error, cancellation, new AnsiConsoleOutput(output), steps)
    {
    }

    private CommandConsole(
        TextWriter output, TextWriter error, CancellationToken cancellation, AnsiConsoleOutput target, StepClock? steps)
        : this(output, error, cancellation, Create(target), target.IsTerminal, steps)
    {
    }

    /// <param name="output">For plain lines.</param>
    /// <param name="error">For what went wrong.</param>
    /// <param name="cancellation">Tells the command to stop.</param>
    /// <param name="ansi">Writes to <paramref name="output"/> too.</param>
    /// <param name="isTerminal">Whether that is a terminal.</param>
    /// <param name="steps">See <see cref="Steps"/>.</param>
    internal CommandConsole(
        TextWriter output, TextWriter error, CancellationToken cancellation, IAnsiConsole ansi, bool isTerminal,
        StepClock? steps = null)
    {
        Output = output;
        Error = error;
        Cancellation = cancellation;
        Steps = steps ?? new StepClock(TimeProvider.System);
        Ansi = ansi;
        // On less, wide characters cannot be folded; lines that run on can be read.
        bool canFold = isTerminal && Ansi.Profile.Width >= NarrowestForPictures;
        IsTerminal = canFold && Ansi.Profile.Capabilities is { Ansi: true, Interactive: true };
        if (!canFold)
            Ansi.Profile.Width = WidthOfFiles;
    }

    /// <summary>For plain lines.</summary>
    public TextWriter Output { get; }

    public TextWriter Error { get; }

    /// <summary>For tables and bars.</summary>
    public IAnsiConsole Ansi { get; }

    /// <summary>Whether there is a terminal that can show something live.</summary>
    public bool IsTerminal { get; }

    public CancellationToken Cancellation { get; }

    /// <summary>What is done, with the exit code, once it is said what went wrong; null for nothing.</summary>
    public Action<int>? Failed { get; set; }

    /// <summary>To be told of every step of a training: who cancels waits accordingly.</summary>
    public StepClock Steps { get; }

    /// <summary>What to type to start the program again: the launcher says how it was called.</summary>
    public string Program { get; } = Environment.GetEnvironmentVariable(StartedAs) is { Length: > 0 } name
        ? Quoted(name)
        : CommandLineApplication.Name;

    /// <summary>A path as it is typed on a command line.</summary>
    public static string Quoted(string path) =>
        path.All(letter => char.IsAsciiLetterOrDigit(letter) || Plain.Contains(letter)) ? path
        : OperatingSystem.IsWindows() ? $"\"{path}\""
        : $"'{path.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    /// <summary>Whether this is how a stream fails that cannot be written: a full disk, a closed descriptor.</summary>
    public static bool IsUnwritable(Exception exception) => exception is IOException or UnauthorizedAccessException;

    /// <summary>Tells the user something that is no result, so that output stays what other programs can read.</summary>
    public void Note(string message)
    {
        try
        {
            Error.WriteLine($"{CommandLineApplication.Name}: {message.ReplaceLineEndings(" ")}");
        }
        catch (Exception exception) when (IsUnwritable(exception))
        {
            // There is nowhere left to say it; the exit code remains.
        }
    }

    /// <summary>
    /// Says what was written beside or into a file; where that is standard output itself, as null is, nothing else goes there.
    /// </summary>
    public void Told(string? file, string message)
    {
        if (file is null || AtomicFile.IsStandardOutput(file))
            Note(message);
        else
            Output.WriteLine(message);
    }

    /// <summary>Says in one line what went wrong.</summary>
    public int Fail(string message, int exitCode)
    {
        Note(message);
        Failed?.Invoke(exitCode);
        return exitCode;
    }

    private static IAnsiConsole Create(AnsiConsoleOutput target) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = target,
        Ansi = target.IsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
    });
}
