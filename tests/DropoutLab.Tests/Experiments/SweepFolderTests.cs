using System.Diagnostics;
using DropoutLab.Cli.Commands;
using DropoutLab.Experiments;
using DropoutLab.Storage;
using DropoutLab.Tests.Storage;
using DropoutLab.Training;

namespace DropoutLab.Tests.Experiments;

public sealed class SweepFolderTests : IDisposable
{
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

        await new SweepExecution(opened, (_, _) => new ProcessStartInfo("/bin/false"), jobs: 1).RunAsync(outcomes.Add, TestContext.Current.CancellationToken);

        Assert.Equal(2, outcomes.Count);
        Assert.Contains("none-s1 cannot be written", outcomes[0].Reason, StringComparison.Ordinal);
        Assert.Equal("its process ended with exit code 1 and no message", outcomes[1].Reason);
    }

    [Fact]
    public void ASweepNeedsAProcess()
    {
        _ = new MadeUpSweep(folder.Root, ["none"], seeds: 1);
        using SweepFolder opened = Open();
        Assert.Throws<ArgumentOutOfRangeException>(() => new SweepExecution(opened, (_, _) => new ProcessStartInfo("/bin/false"), jobs: 0));
    }

    /// <summary>Where what is told of the runs goes to may have no room left: the runs go on, and it is said in the end.</summary>
    [Fact]
    public async Task RunsGoOnWhereNobodyCanBeToldOfThemAsync()
    {
        _ = new MadeUpSweep(folder.Root, ["none"], seeds: 3);
        using SweepFolder opened = Open();
        SweepExecution execution = new(opened, (_, _) => new ProcessStartInfo("/bin/false"), jobs: 2);

        await Assert.ThrowsAsync<IOException>(() => execution.RunAsync(_ => throw new IOException("full"), TestContext.Current.CancellationToken));

        Assert.Equal(3, SweepSummary.Read(folder.Root).Count(RunState.Failed));
    }

    /// <summary>A sweep that was begun with one backend is gone on with that, whatever <c>auto</c> would pick.</summary>
    [Fact]
    public void AutoIsWhatTheSweepWasBegunWith()
    {
        _ = new MadeUpSweep(folder["one"], "one", [MadeUpSweep.Configuration("none") with { Backend = "reference", Precision = "f32" }], 1);
        _ = new MadeUpSweep(
            folder["two"], "two",
            [MadeUpSweep.Configuration("none") with { Backend = "reference" }, MadeUpSweep.Configuration("standard:0.1") with { Backend = "onednn" }], 1);
        RunConfiguration? begun = SweepFolder.Begun(folder["one"])?.Compute;
        using TrainRunSettings settings = new(begun);

        RunConfiguration now = settings.Configure(new Dictionary<string, string> { ["threads"] = "1" });

        Assert.Equal(("reference", "f32"), (now.Backend, now.Precision));
        Assert.Equal((1, null), SweepFolder.Begun(folder["two"]));
        Assert.Null(SweepFolder.Begun(folder["none"]));
    }

    [Fact]
    public async Task ARunThatCannotBeStartedIsRecordedAsync()
    {
        _ = new MadeUpSweep(folder.Root, ["none"], seeds: 2);
        using SweepFolder opened = Open();
        List<RunOutcome> outcomes = [];

        await new SweepExecution(opened, (_, _) => new ProcessStartInfo("/no/such/program"), jobs: 1).RunAsync(outcomes.Add, TestContext.Current.CancellationToken);

        Assert.All(outcomes, outcome => Assert.StartsWith("its process cannot be started: ", outcome.Reason, StringComparison.Ordinal));
        Assert.Equal([RunState.Failed, RunState.Failed], SweepSummary.Read(folder.Root).Runs.Select(run => run.State));
    }

    [Fact]
    public void AFileSystemThatRefusesIsNamed() =>
        OneLine.Throws(() => FileStamp.Of(new FileInfo(folder[new string('x', 300)])), "cannot be read");

    private SweepFolder Open() => SweepFolder.Open(folder.Root, SweepManifest.Read(folder.Root).Plan, "", threads: 1);
}
