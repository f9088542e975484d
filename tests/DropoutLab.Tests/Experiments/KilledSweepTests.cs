using System.Diagnostics;
using System.Text;
using DropoutLab.Cli;
using DropoutLab.Experiments;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Experiments;

/// <summary>A sweep in a process of its own, ended from outside while its runs' processes are at work.</summary>
public sealed class KilledSweepTests : IDisposable
{
    private const int Kills = 10;
    private static readonly TimeSpan LongestOrphan = TimeSpan.FromSeconds(10);

    private readonly TemporaryFolder folder = new();
    private readonly string data;
    private readonly string file;

    public KilledSweepTests()
    {
        data = TinyCifar.Make(folder);
        file = folder.Make("sweep.yaml", Encoding.UTF8.GetBytes(
            "recipe: {model: mlp, epochs: 4, batch-size: 10, learning-rate: 0.0001}\naxes: {dropout: [none, "
                + "forward:0.3]}\nseeds: 1..3"));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ASweepThatIsKilledAgainAndAgainComesToTheSameTable()
    {
        Assert.Equal(0, Finish("whole"));
        int seed = System.Random.Shared.Next(), killed = 0;
        string drawn = $"with pauses of the seed {seed}";
        System.Random random = new(seed);
        for (int i = 0; i < Kills; i++)
        {
            using ChildProgram sweep = Start("killed");
            if (i % 2 == 0)
                AwaitRuns("killed", sweep);
            Thread.Sleep(random.Next(0, 800));
            killed += sweep.HasEnded ? 0 : 1;
            sweep.Kill();
            AssertNoOrphans("killed", drawn);
        }

        Assert.True(Finish("killed") == 0, $"the last start fails {drawn}");

        Assert.True(killed > 0, $"nothing was killed {drawn}");
        foreach (string name in new[] { SweepSummary.FileName, SweepSummary.MarkdownFileName })
            AssertSame(folder["whole", name], folder["killed", name], drawn);
        foreach (string run in Directory.GetDirectories(folder["whole", "runs"]))
            AssertSame(Path.Combine(run, "checkpoint.safetensors"),
                folder["killed", "runs", Path.GetFileName(run), "checkpoint.safetensors"], drawn);
    }

    [Fact]
    public void NoRunOutlivesASweepThatIsKilled()
    {
        File.WriteAllText(file, "recipe: {model: logistic-regression, epochs: 5000}\naxes: {dropout: [none, standard:0.1]}");
        using ChildProgram sweep = Start("run");
        AwaitRuns("run", sweep);

        sweep.Kill();

        AssertNoOrphans("run");
    }

    [Fact]
    public void AnInterruptedSweepStopsItsRunsAndSaysHowToGoOn()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a system that can send Ctrl-C to one process");
        using ChildProgram sweep = Start("run");
        AwaitRuns("run", sweep);

        (int exitCode, string error) = sweep.Terminate();

        Assert.Equal(130, exitCode);
        AssertNoOrphans("run");
        Assert.EndsWith(
            $" of 6 runs; go on with: ./dropoutlab sweep {CommandConsole.Quoted(file)} --out "
            + $"{CommandConsole.Quoted(folder["run"])} --jobs 2 "
            + $"--data-dir {CommandConsole.Quoted(data)}\n",
            error, StringComparison.Ordinal);
        Assert.Equal(0, SweepSummary.Read(folder["run"]).Count(RunState.Failed));
        CommandRun.Succeed("sweep", file, "--out", folder["run"], "--jobs", "2", "--data-dir", data);
        Assert.Equal(6, SweepSummary.Read(folder["run"]).Count(RunState.Finished));
    }

    private ChildProgram Start(string root) =>
        ChildProgram.Start("sweep", file, "--out", folder[root], "--data-dir", data, "--jobs", "2", "--threads", "1");

    private int Finish(string root)
    {
        using ChildProgram sweep = Start(root);
        return sweep.Finish().ExitCode;
    }

    private static void AssertSame(string expected, string actual, string how) =>
        Assert.True(
            File.ReadAllBytes(expected).AsSpan().SequenceEqual(File.ReadAllBytes(actual)), $"{actual} is not {expected} {how}");

    /// <summary>Waits until a run's process is at work.</summary>
    private void AwaitRuns(string root, ChildProgram sweep)
    {
        long start = Stopwatch.GetTimestamp();
        while (!sweep.HasEnded && !(Directory.Exists(folder[root, "runs"])
            && Directory.EnumerateFiles(folder[root, "runs"], ".lock", SearchOption.AllDirectories).Any()))
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < ChildProgram.LongestWait,
                $"no run is at work after {ChildProgram.LongestWait}");
            Thread.Sleep(5);
        }
    }

    /// <summary>Every process whose command line names the folder ends soon.</summary>
    private void AssertNoOrphans(string root, string how = "")
    {
        if (!Directory.Exists("/proc/self"))
            return;
        long start = Stopwatch.GetTimestamp();
        while (Orphans(folder[root]).Length > 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < LongestOrphan,
                $"still at work {how}\n{string.Join('\n', Orphans(folder[root]))}");
            Thread.Sleep(20);
        }
    }

    private static string[] Orphans(string root) => [.. Directory.EnumerateDirectories("/proc")
        .Where(process => int.TryParse(Path.GetFileName(process), out _)).Select(CommandLine)
        .Where(line => line.Contains(root, StringComparison.Ordinal))];

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
}
