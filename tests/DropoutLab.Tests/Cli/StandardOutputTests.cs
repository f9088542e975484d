using System.Diagnostics;
using DropoutLab.Tests.Experiments;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Cli;

/// <summary>What is written to /dev/stdout is all that goes there, also where that is a file.</summary>
public sealed class StandardOutputTests : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(">", "")]
    [InlineData(">>", "before\n")]
    public void AFileThatOutputGoesToGetsTheTableAlone(string redirection, string before)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux");
        MadeUpSweep sweep = new(folder["sweep"], ["none"], seeds: 1);
        sweep.Finish("none", [0.7], [1]);
        string file = folder.Make("table.csv", System.Text.Encoding.UTF8.GetBytes(before));
        string expected = CommandRun.Succeed("report", folder["sweep"], "--format", "csv").Output;

        FinishedProcess run = FinishedProcess.Run(
            new ProcessStartInfo("/bin/sh", ["-c", $"\"$0\" report \"$1\" --format csv --out /dev/stdout {redirection} \"$2\"",
                Program, folder["sweep"], file]), Longest);

        Assert.Equal((0, "dropoutlab: wrote /dev/stdout\n"), (run.ExitCode, run.Error));
        Assert.Equal(before + expected, File.ReadAllText(file));
    }

    [Fact]
    public void AStepIsAllThatAnAuditWritesThere()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux");
        string[] arguments = ["--model", "mlp", "--batch-size", "1", .. CommandRun.Small];
        CommandRun.Succeed(["audit", .. arguments, "--out", folder["expected"]]);

        FinishedProcess run = FinishedProcess.Run(
            new ProcessStartInfo("/bin/sh", ["-c", $"\"$0\" audit {string.Join(' ', arguments)} --out /dev/stdout > \"$1\"",
                Program, folder["step"]]), Longest);

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(File.ReadAllBytes(folder["expected"]), File.ReadAllBytes(folder["step"]));
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "DropoutLab.Cli");
}
