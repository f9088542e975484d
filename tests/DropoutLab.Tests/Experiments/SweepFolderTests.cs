using System.Diagnostics;
using DropoutLab.Backends;
using DropoutLab.Cli.Commands;
using DropoutLab.Experiments;
using DropoutLab.Runs;
using DropoutLab.Storage;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Experiments;

public sealed class SweepFolderTests : IDisposable
{
    private static readonly RunConfiguration OnReference =
        MadeUpSweep.Configuration("none") with { Backend = "reference", Precision = Precision.Float32 };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ALockThatItsProcessLeftBehindIsNoRunUnderWay()
    {
        MadeUpSweep sweep = new(folder.Root, ["none"], seeds: 2);
        sweep.Finish("none", [0.7, 0.7], [1, 1]);
        sweep.Cut("none-s1", 1);
        sweep.Cut("none-s2", 1);
        folder.Make(Path.Combine("runs", "none-s1", FolderLock.FileName), []);
        using FileStream held = FolderLock.Take(folder["runs", "none-s2"]);

        using SweepFolder opened = Open();

        Assert.Equal([RunState.Interrupted, RunState.Running], SweepSummary.Read(folder.Root).Runs.Select(run => run.State));
    }

    /// <summary>A file where the first run's folder should be.</summary>
    [Fact]
    public async Task ARunWhoseFolderCannotBeWrittenFailsAloneAsync()
    {
        _ = new MadeUpSweep(folder.Root, ["none"], seeds: 2);
        folder.Make(Path.Combine("runs", "none-s1"), []);
        using SweepFolder opened = Open();
        List<RunOutcome> outcomes = [];

        await new SweepExecution(opened, (_, _) => new ProcessStartInfo("/bin/false"), jobs: 1)
            .RunAsync(outcomes.Add, TestContext.Current.CancellationToken);

        Assert.Equal(2, outcomes.Count);
        Assert.Contains("none-s1 cannot be written", outcomes[0].Reason, StringComparison.Ordinal);
        Assert.Equal("its process ended with exit code 1 and no message", outcomes[1].Reason);
    }

    [Fact]
    public void ASweepNeedsAProcess()
    {
        _ = new MadeUpSweep(folder.Root, ["none"], seeds: 1);
        using SweepFolder opened = Open();
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new SweepExecution(opened, (_, _) => new ProcessStartInfo("/bin/false"), jobs: 0));
    }

    /// <summary>
    /// Where what is told of the runs goes to may have no room left: the runs go on, and it is said in the end.
    /// </summary>
    [Fact]
    public async Task RunsGoOnWhereNobodyCanBeToldOfThemAsync()
    {
        _ = new MadeUpSweep(folder.Root, ["none"], seeds: 3);
        using SweepFolder opened = Open();
        SweepExecution execution = new(opened, (_, _) => new ProcessStartInfo("/bin/false"), jobs: 2);

        await Assert.ThrowsAsync<IOException>(
            () => execution.RunAsync(_ => throw new IOException("full"), TestContext.Current.CancellationToken));

        Assert.Equal(3, SweepSummary.Read(folder.Root).Count(RunState.Failed));
    }

    /// <summary>A sweep that was begun with one backend is gone on with that, whatever <c>auto</c> would pick.</summary>
    [Fact]
    public void AutoIsWhatTheSweepWasBegunWith()
    {
        _ = new MadeUpSweep(folder["one"], "one", [OnReference], 1);
        _ = new MadeUpSweep(
            folder["two"], "two",
            [MadeUpSweep.Configuration("none") with { Backend = "reference" },
                MadeUpSweep.Configuration("standard:0.1") with { Backend = "onednn" }], 1);
        RunConfiguration? begun = SweepFolder.Begun(folder["one"])?.Compute;
        using TrainRunSettings settings = new(begun);

        RunConfiguration now = settings.Configure(new Dictionary<string, string> { ["threads"] = "1" });

        Assert.Equal(("reference", Precision.Float32), (now.Backend, now.Precision));
        Assert.Equal((1, null), SweepFolder.Begun(folder["two"]));
        Assert.Null(SweepFolder.Begun(folder["none"]));
    }

    [Fact]
    public void AutoThatTheFileNamesIsThatToo()
    {
        using TrainRunSettings settings = new(OnReference);

        RunConfiguration now = settings.Configure(
            new Dictionary<string, string> { ["threads"] = "1", ["backend"] = "auto", ["precision"] = "auto" });

        Assert.Equal(("reference", Precision.Float32), (now.Backend, now.Precision));
    }

    /// <summary>A cell with a backend of its own has that one's precision, whatever the sweep was begun with.</summary>
    [Fact]
    public void ACellsOwnBackendHasItsOwnPrecision()
    {
        using TrainRunSettings settings = new(OnReference with { Backend = "onednn", Precision = Precision.BFloat16 });

        RunConfiguration now = settings.Configure(
            new Dictionary<string, string> { ["threads"] = "1", ["backend"] = "reference" });

        Assert.Equal(("reference", Precision.Float32), (now.Backend, now.Precision));
    }

    [Fact]
    public void RunsComputeAsTheSweepWasBegun()
    {
        SweepCell cell = new("none", new Dictionary<string, string> { ["backend"] = "auto" }, OnReference);

        string[] arguments = [.. SweepRunCommand.ArgumentsFor(new SweepRun(cell, 7), folder["new"], dataDirectory: null)];

        Assert.Equal(
            ["--backend reference", "--out " + folder["new"], "--precision f32", "--seed 7", "--threads 1"],
            arguments.Skip(1).Chunk(2).Select(pair => string.Join(' ', pair)).Order(StringComparer.Ordinal));
    }

    /// <summary>
    /// An epoch's line is there before its checkpoint; a checkpoint that is not there at all somebody has taken away.
    /// </summary>
    [Fact]
    public void WhatIsNotSafeIsTrainedFirst()
    {
        MadeUpSweep sweep = new(folder.Root, ["none", "forward:0.1"], seeds: 3);
        sweep.Finish("forward:0.1", [0.7, 0.7, 0.7], [1, 1, 1]);
        sweep.WriteCheckpoint("forward-0.1-s1", epoch: 1);
        sweep.WriteCheckpoint("forward-0.1-s2", epoch: 2);
        using SweepFolder opened = Open();

        Assert.Equal(["forward-0.1-s1", "none-s1", "none-s2", "none-s3"], opened.Unfinished().Select(run => run.Name));
        Assert.Equal(
            ["forward-0.1-s2", "forward-0.1-s3"],
            SweepFolder.Found(folder.Root, opened.Plan).Where(SweepFolder.IsWhole).Select(run => run.Run.Name));
    }

    [Fact]
    public void RunsThatWereNeverBegunMayGo()
    {
        MadeUpSweep sweep = new(folder.Root, ["none"], seeds: 50);
        sweep.Finish("none", [0.7, 0.7], [1, 1]);
        SweepPlan all = SweepManifest.Read(folder.Root).Plan;

        using (SweepFolder fewer = SweepFolder.Open(folder.Root, all with { Seeds = [1, 2] }, "", threads: 1))
            Assert.Equal(2, fewer.Plan.Runs.Count());

        OneLine.Throws(() => SweepFolder.Check(folder.Root, all with { Seeds = [1] }), "none-s2 (dropout none, seed 2) is gone");
    }

    /// <summary>With more cells than before, a name may be another's.</summary>
    [Fact]
    public void CellsThatChangeTheirNamesKeepTheirRuns()
    {
        MadeUpSweep sweep = new(folder.Root, ["standard:0.1", "standard:0.2"], seeds: 1);
        sweep.Finish("standard:0.1", [0.71], [1]);
        sweep.Finish("standard:0.2", [0.72], [1]);
        SweepPlan before = SweepManifest.Read(folder.Root).Plan;
        (SweepCell one, SweepCell two) = (before.Cells[0], before.Cells[1]);
        SweepCell added = new(one.Name, one.Settings, MadeUpSweep.Configuration("standard:0.3"));
        SweepPlan after = before with { Cells = [one with { Name = two.Name }, two with { Name = "other" }, added] };

        Assert.Equal([0.71, 0.72, null], Accuracies(SweepFolder.Found(folder.Root, after)));
        SweepFolder.Open(folder.Root, after, "", threads: 1).Dispose();

        Assert.Equal([0.71, 0.72, null], Accuracies(SweepSummary.Read(folder.Root).Runs));
        Assert.Equal(["other-s1", "standard-0.2-s1"],
            Directory.GetDirectories(folder["runs"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));

        static IEnumerable<double?> Accuracies(IEnumerable<RunRecord> runs) => runs.Select(run => run.Last?.TestAccuracy);
    }

    /// <summary>As a start does that is killed, or finds a copied run in use.</summary>
    [Fact]
    public void ARunThatWasLeftHalfWayIsFound()
    {
        MadeUpSweep sweep = new(folder.Root, ["none"], seeds: 2);
        sweep.Finish("none", [0.7, 0.71], [1, 1]);
        Directory.Move(folder["runs", "none-s1"], folder["runs", "none-s1.moving"]);
        Directory.Move(folder["runs", "none-s2"], folder["runs", "copied"]);
        using (FolderLock.Take(folder["runs", "copied"]))
            Assert.Throws<DropoutLabException>(Open);

        Open().Dispose();

        Assert.Equal([0.7, 0.71], SweepSummary.Read(folder.Root).Runs.Select(run => run.Last!.TestAccuracy));
    }

    /// <summary>A cell of that name may be another in the sweep that it was copied from.</summary>
    [Fact]
    public void ACopyOfACellsRunDoesNotCountAsAnother()
    {
        MadeUpSweep sweep = new(folder.Root, ["standard:0.1", "standard:0.2"], seeds: 1);
        sweep.Finish("standard:0.2", [0.72], [1]);
        Directory.CreateDirectory(folder["runs", "standard-0.1-s1"]);
        foreach (string file in (string[])[RunConfiguration.FileName, MetricsFile.FileName])
            File.Copy(folder["runs", "standard-0.2-s1", file], folder["runs", "standard-0.1-s1", file]);

        Assert.Equal([RunState.Waiting, RunState.Finished], SweepSummary.Read(folder.Root).Runs.Select(run => run.State));
        OneLine.Throws(() => Open().Dispose(), "standard-0.1-s1 holds a run with dropout standard:0.2, not standard:0.1");
    }

    [Fact]
    public async Task ARunThatASignalEndsSaysWhichAsync()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Unix");
        _ = new MadeUpSweep(folder.Root, ["none"], seeds: 1);
        using SweepFolder opened = Open();
        List<RunOutcome> outcomes = [];

        await new SweepExecution(opened, (_, _) => new ProcessStartInfo("/bin/sh", ["-c", "echo oops >&2; kill -9 $$"]), jobs: 1)
            .RunAsync(outcomes.Add, TestContext.Current.CancellationToken);

        Assert.Equal("its process was ended by signal 9; it last said: oops", Assert.Single(outcomes).Reason);
    }

    [Fact]
    public async Task ARunThatCannotBeStartedIsRecordedAsync()
    {
        _ = new MadeUpSweep(folder.Root, ["none"], seeds: 2);
        using SweepFolder opened = Open();
        List<RunOutcome> outcomes = [];

        await new SweepExecution(opened, (_, _) => new ProcessStartInfo("/no/such/program"), jobs: 1)
            .RunAsync(outcomes.Add, TestContext.Current.CancellationToken);

        Assert.All(
            outcomes, outcome => Assert.StartsWith("its process cannot be started: ", outcome.Reason, StringComparison.Ordinal));
        Assert.Equal([RunState.Failed, RunState.Failed], SweepSummary.Read(folder.Root).Runs.Select(run => run.State));
    }

    [Fact]
    public void AFileSystemThatRefusesIsNamed() =>
        OneLine.Throws(() => FileStamp.Of(new FileInfo(folder[new string('x', 300)])), "cannot be read");

    private SweepFolder Open() => SweepFolder.Open(folder.Root, SweepManifest.Read(folder.Root).Plan, "", threads: 1);
}
