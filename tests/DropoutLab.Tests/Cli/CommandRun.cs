using DropoutLab.Cli;

namespace DropoutLab.Tests.Cli;

/// <summary>
/// A command line run within the tests' process. That the tests' made-up images are not the published ones, which commands say,
/// is kept apart from what else goes to standard error.
/// </summary>
internal sealed record CommandRun(int ExitCode, string Output, string Error, IReadOnlyList<string> ForeignData)
{
    private const string OtherFiles = " holds other files than the published ones of ";

    /// <summary>Makes the numbers of a run independent of what else the machine does, and cheap.</summary>
    public static readonly string[] Small = ["--backend", "reference", "--threads", "1"];

    public IReadOnlyList<string> Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static CommandRun Of(params IReadOnlyList<string> args) => Of(new StringWriter(), CancellationToken.None, args);

    public static CommandRun Of(StringWriter output, CancellationToken cancellation, params IReadOnlyList<string> args)
    {
        StringWriter error = new();
        int exitCode = CommandLineApplication.Run(args, output, error, cancellation);
        (string own, string[] foreign) = Parted(error.ToString());
        return new CommandRun(exitCode, output.ToString(), own, foreign);
    }

    /// <summary>
    /// What was written to standard error without the lines that the images are not the published ones, and those.
    /// </summary>
    public static (string Error, string[] ForeignData) Parted(string error)
    {
        string[] lines = error.Split('\n');
        return (string.Join('\n', lines.Where(line => !IsForeign(line))), [.. lines.Where(IsForeign)]);

        static bool IsForeign(string line) => line.Contains(OtherFiles, StringComparison.Ordinal);
    }

    /// <summary>Runs what must succeed.</summary>
    public static CommandRun Succeed(params IReadOnlyList<string> args)
    {
        CommandRun run = Of(args);
        Assert.True(run.ExitCode == 0, run.Error);
        return run;
    }

    /// <summary>Asserts the one line with which bad input ends.</summary>
    public void FailsWith(params IReadOnlyList<string> parts)
    {
        Assert.Equal(2, ExitCode);
        Assert.Equal("", Output);
        Assert.Equal(Error.Length - 1, Error.IndexOf('\n', StringComparison.Ordinal));
        Assert.StartsWith("dropoutlab: ", Error, StringComparison.Ordinal);
        foreach (string part in parts)
            Assert.Contains(part, Error, StringComparison.Ordinal);
    }
}
