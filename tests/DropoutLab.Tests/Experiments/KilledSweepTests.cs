using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using DropoutLab.Experiments;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Experiments;

/// <summary>A sweep in a process of its own, ended from outside while its runs' processes are at work.</summary>
public sealed partial class KilledSweepTests : IDisposable
{
    private const int Terminate = 15;
    private const int Kills = 10;
    private static readonly TimeSpan LongestOrphan = TimeSpan.FromSeconds(10);

    private readonly TemporaryFolder folder = new();
    private readonly string data;
    private readonly string file;

    public KilledSweepTests()
    {
        data = TinyCifar.Make(folder);
        file = folder.Make("sweep.yaml", Encoding.UTF8.GetBytes(
            "recipe: {model: mlp, epochs: 4, batch-size: 10, learning-rate: 0.0001}\naxes: {dropout: [none, forward:0.3]}\nseeds: 1..3"));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ASweepThatIsKilledAgainAndAgainComesToTheSameTable()
    {
        Assert.Equal(0, Finish(Start("whole")));
        System.Random random = new(Environment.ProcessId);
        int killed = 0;
        for (int i = 0; i < Kills; i++)
        {
            using Process sweep = Start("killed");
            if (i % 2 == 0)
                AwaitRuns("killed", sweep);
            Thread.Sleep(random.Next(0, 800));
            killed += sweep.HasExited ? 0 : 1;
            sweep.Kill();
            sweep.WaitForExit();
            AssertNoOrphans("killed");
        }

        Assert.Equal(0, Finish(Start("killed")));

        Assert.InRange(killed, 1, Kills);
        foreach (string name in new[] { SweepSummary.FileName, SweepSummary.MarkdownFileName })
            Assert.Equal(File.ReadAllText(folder["whole", name]), File.ReadAllText(folder["killed", name]));
        foreach (string run in Directory.GetDirectories(folder["whole", "runs"]))
            Assert.Equal(File.ReadAllBytes(Path.Combine(run, "checkpoint.safetensors")), File.ReadAllBytes(folder["killed", "runs", Path.GetFileName(run), "checkpoint.safetensors"]));
    }

    [Fact]
    public void NoRunOutlivesASweepThatIsKilled()
    {
        File.WriteAllText(file, "recipe: {model: logistic-regression, epochs: 1000000}\naxes: {dropout: [none, standard:0.1]}");
        using Process sweep = Start("run");
        AwaitRuns("run", sweep);

        sweep.Kill();
        sweep.WaitForExit();

        AssertNoOrphans("run");
    }

    [Fact]
    public void AnInterruptedSweepStopsItsRunsAndSaysHowToGoOn()
    {
        if (OperatingSystem.IsWindows())
            return; // Windows cannot send Ctrl-C to one process.
        using Process sweep = Start("run");
        AwaitRuns("run", sweep);

        Assert.Equal(0, SendSignal(sweep.Id, Terminate));
        string error = sweep.StandardError.ReadToEnd();
        sweep.WaitForExit();

        Assert.Equal(130, sweep.ExitCode);
        AssertNoOrphans("run");
        Assert.Contains($" of 6 runs; go on with: dropoutlab sweep {file} --out {folder["run"]} ", error, StringComparison.Ordinal);
        Assert.Equal(0, SweepSummary.Read(folder["run"]).Count(RunState.Failed));
        string[] hint = error.TrimEnd().Split("go on with: dropoutlab ")[1].Split(' ');
        Assert.Equal(6, SweepSummaryAfter(hint).Count(RunState.Finished));
    }

    private SweepSummary SweepSummaryAfter(string[] arguments)
    {
        CommandRun.Succeed(arguments);
        return SweepSummary.Read(folder["run"]);
    }

    private Process Start(string root)
    {
        string program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "DropoutLab.Cli.exe" : "DropoutLab.Cli");
        ProcessStartInfo start = new(program, ["sweep", file, "--out", folder[root], "--data-dir", data, "--jobs", "2", "--threads", "1"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    /// <summary>Waits until a run's process is at work.</summary>
    private void AwaitRuns(string root, Process sweep)
    {
        while (!sweep.HasExited && !(Directory.Exists(folder[root, "runs"]) && Directory.EnumerateFiles(folder[root, "runs"], ".lock", SearchOption.AllDirectories).Any()))
            Thread.Sleep(5);
    }

    private static int Finish(Process process)
    {
        using (process)
        {
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode;
        }
    }

    /// <summary>Every process whose command line names the folder ends soon.</summary>
    private void AssertNoOrphans(string root)
    {
        if (!Directory.Exists("/proc/self"))
            return;
        long start = Stopwatch.GetTimestamp();
        while (Orphans(folder[root]).Length > 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < LongestOrphan, string.Join('\n', Orphans(folder[root])));
            Thread.Sleep(20);
        }
    }

    private static string[] Orphans(string root) => [.. Directory.EnumerateDirectories("/proc")
        .Where(process => int.TryParse(Path.GetFileName(process), out _)).Select(CommandLine).Where(line => line.Contains(root, StringComparison.Ordinal))];

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
