using System.Diagnostics;
using DropoutLab.Experiments;
using DropoutLab.Experiments.Statistics;
using DropoutLab.Runs;
using DropoutLab.Storage;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Experiments;

/// <summary>Where a run stands is what its files say now, whatever earlier attempts have left beside them.</summary>
public sealed class RunStateTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly MadeUpSweep sweep;

    public RunStateTests()
    {
        sweep = new(folder.Root, ["none"], seeds: 3);
        sweep.Finish("none", [0.7, 0.72, 0.74], [1, 1, 1]);
    }

    public void Dispose() => folder.Dispose();

    /// <summary>As after a failure that a hand has mended with <c>train --resume</c>.</summary>
    [Theory]
    [InlineData("""{"reason": "out of memory", "exit_code": 137}""")]
    [InlineData("""{"reason": "out of memory", "exit_code": 137, "epochs": 1}""")]
    [InlineData("no JSON")]
    public void AFinishedRunIsFinishedWhateverFailedBefore(string failure)
    {
        sweep.WriteCheckpoint("none-s2", epoch: 2);
        File.WriteAllText(folder["runs", "none-s2", RunFailure.FileName], failure);

        SweepSummary summary = SweepSummary.Read(folder.Root);
        summary.Write(folder.Root);

        Assert.Equal([RunState.Finished, RunState.Finished, RunState.Finished], summary.Runs.Select(run => run.State));
        Estimate accuracy = summary.Tables[0].Cells[0].TestAccuracy;
        Assert.Equal((3, 0.72), (accuracy.Count, Math.Round(accuracy.Mean!.Value, 12)));
        Assert.DoesNotContain("reason", summary.ToJson(), StringComparison.Ordinal);
        Assert.DoesNotContain("ailed", File.ReadAllText(folder["summary.md"]), StringComparison.Ordinal);
        Assert.Empty(Open().Unfinished());
    }

    /// <summary>Whoever takes the checkpoints away leaves what the run came to.</summary>
    [Fact]
    public void ARunThatGotFurtherThanItsFailureIsFinishedWithoutItsCheckpoint()
    {
        new RunFailure("out of memory", 137, Epochs: 1).Write(folder["runs", "none-s2"]);

        Assert.Equal((RunState.Finished, null), StateOf("none-s2"));
    }

    [Fact]
    public void AFailureAtTheLastCheckpointStays()
    {
        sweep.WriteCheckpoint("none-s2", epoch: 1);
        new RunFailure("the disk is full", 2, Epochs: 2).Write(folder["runs", "none-s2"]);

        Assert.Equal((RunState.Failed, "the disk is full"), StateOf("none-s2"));
        Assert.Equal(["none-s2"], Open().Unfinished().Select(run => run.Name));
    }

    [Fact]
    public void AFailureOfAnEarlierAttemptIsOverOnceTheRunGotFurther()
    {
        sweep.Cut("none-s2", epochsLeft: 1);
        new RunFailure("out of memory", 137, Epochs: 1).Write(folder["runs", "none-s2"]);
        Assert.Equal((RunState.Failed, "out of memory"), StateOf("none-s2"));
        using (FolderLock.Take(folder["runs", "none-s2"]))
            Assert.Equal((RunState.Running, null), StateOf("none-s2"));

        new RunFailure("out of memory", 137, Epochs: 0).Write(folder["runs", "none-s2"]);

        Assert.Equal((RunState.Interrupted, null), StateOf("none-s2"));
    }

    /// <summary>
    /// A run that is gone on with by hand is at work, whether the sweep is or not; a lock that a killed process left is nothing.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OnlyALockThatIsHeldIsARunAtWork(bool sweepIsAtWork)
    {
        sweep.Cut("none-s1", epochsLeft: 1);
        sweep.Cut("none-s2", epochsLeft: 1);
        using FileStream? ofSweep = sweepIsAtWork ? FolderLock.Take(folder.Root) : null;
        folder.Make(Path.Combine("runs", "none-s1", FolderLock.FileName), []);
        using FileStream held = FolderLock.Take(folder["runs", "none-s2"]);

        Assert.Equal((RunState.Interrupted, null), StateOf("none-s1"));
        Assert.Equal((RunState.Running, null), StateOf("none-s2"));
    }

    /// <summary>That the process of a run is gone shows in no file's time, and must not wait for one.</summary>
    [Fact]
    public void ARunWhoseProcessIsKilledIsNoLongerAtWorkForWhoFollowsIt()
    {
        sweep.Cut("none-s1", epochsLeft: 1);
        string run = folder["runs", "none-s1"], lockFile = folder.Make(Path.Combine("runs", "none-s1", FolderLock.FileName), []);
        SweepReader reader = new(folder.Root);
        using (new FileStream(lockFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            Directory.SetLastWriteTimeUtc(run, DateTime.UtcNow.AddMinutes(-1));
            File.SetLastWriteTimeUtc(Path.Combine(run, MetricsFile.FileName), DateTime.UtcNow.AddMinutes(-1));
            Assert.Equal(RunState.Running, reader.Read().Runs[0].State);
        }

        Assert.Equal(RunState.Interrupted, reader.Read().Runs[0].State);
    }

    /// <summary>As by a machine that runs out of memory while the process ends.</summary>
    [Fact]
    public async Task AProcessThatIsKilledBehindItsLastWorkHasNotFailedAsync()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Unix");
        sweep.WriteCheckpoint("none-s1", epoch: 1);
        string checkpoint = Checkpoint.PathIn(folder["runs", "none-s1"]), last = folder["last"];
        sweep.WriteCheckpoint("none-s2", epoch: 2);
        File.Move(Checkpoint.PathIn(folder["runs", "none-s2"]), last);
        using SweepFolder opened = Open();
        List<RunOutcome> outcomes = [];

        string[] command = ["-c", $"mv '{last}' '{checkpoint}'; kill -9 $$"];

        await new SweepExecution(opened, (_, _) => new ProcessStartInfo("/bin/sh", command), jobs: 1)
            .RunAsync(outcomes.Add, TestContext.Current.CancellationToken);

        RunOutcome outcome = Assert.Single(outcomes);
        Assert.Equal((RunState.Finished, null), (outcome.Record.State, outcome.Reason));
        Assert.False(File.Exists(folder["runs", "none-s1", RunFailure.FileName]));
    }

    private (RunState State, string? Reason) StateOf(string name)
    {
        RunRecord record = SweepSummary.Read(folder.Root).Runs.Single(run => run.Run.Name == name);
        return (record.State, record.Reason);
    }

    private SweepFolder Open()
    {
        SweepFolder opened = SweepFolder.Open(folder.Root, SweepManifest.Read(folder.Root).Plan, "", threads: 1);
        opened.Dispose(); // What it knows of the runs stays.
        return opened;
    }
}
