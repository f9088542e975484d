using System.Text;
using System.Text.RegularExpressions;
using DropoutLab.Cli.Commands;
using DropoutLab.Experiments;
using DropoutLab.Runs;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Experiments;

public sealed class SweepCommandTests : IDisposable
{
    private const string Recipe = "recipe: {model: logistic-regression, backend: reference, epochs: 2, batch-size: 50}\n";

    private readonly TemporaryFolder folder = new();
    private readonly string data;

    public SweepCommandTests() => data = TinyCifar.Make(folder);

    private string Root => folder["out"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void EveryRunIsAFolderThatTrainWouldHaveMade()
    {
        Succeed(Recipe + "axes: {dropout: [none, standard:0.3]}\nseeds: 1..2");
        CommandRun.Succeed(
            "train", "--model", "logistic-regression", "--backend", "reference", "--epochs", "2", "--batch-size", "50",
            "--dropout", "standard:0.3", "--seed", "2", "--threads", "1", "--data-dir", data, "--out", folder["alone"]);

        Assert.Equal(["none-s1", "none-s2", "standard-0.3-s1", "standard-0.3-s2"], Runs());
        Assert.Equal(["checkpoint.safetensors", "config.json", "metrics.jsonl"],
            Directory.GetFiles(Run("none-s1")).Select(Path.GetFileName).Order());
        Assert.Null(RunConfiguration.Read(folder["alone"]).FirstDifference(RunConfiguration.Read(Run("standard-0.3-s2"))));
        Assert.Equal(CheckpointOf(folder["alone"]), CheckpointOf(Run("standard-0.3-s2")));
        SweepSummary summary = SweepSummary.Read(Root);
        Assert.False(summary.IsAtWork);
        Assert.Equal(summary.ToJson(), File.ReadAllText(folder["out", "summary.json"]));
        Assert.Equal(MetricsFile.Read(folder["alone"])[^1].TestAccuracy, summary.Runs[^1].Last!.TestAccuracy);
    }

    [Fact]
    public void ASecondStartAddsWhatIsNewAndRepeatsNothing()
    {
        Succeed(Recipe + "axes: {dropout: [none]}");
        Dictionary<string, DateTime> before = Times();

        CommandRun again = Succeed(Recipe + "axes: {dropout: [none, forward:0.3]}\nseeds: 1..2");

        Assert.Contains("1 of 4 runs finished", again.Lines[0], StringComparison.Ordinal);
        Assert.Equal(4, Runs().Length);
        Assert.All(before, file => Assert.Equal(file.Value, Times()[file.Key]));
        Assert.Equal(4, SweepSummary.Read(Root).Count(RunState.Finished));
    }

    [Fact]
    public void APlainRunGoesOnWhateverMasksTheOthersShare()
    {
        const string Yaml =
            "recipe: {model: logistic-regression, backend: reference, epochs: 2, batch-size: 50, mask-sharing: "
                + "per-minibatch}\naxes: {dropout: [none, standard:0.3]}";
        Succeed(Yaml);
        byte[] whole = CheckpointOf(Run("none-s1"));
        File.Delete(Path.Combine(Run("none-s1"), Checkpoint.FileName));
        CutToOneEpoch(Run("none-s1"));

        Succeed(Yaml);

        Assert.Equal(whole, CheckpointOf(Run("none-s1")));
    }

    [Theory]
    [InlineData("recipe: {model: logistic-regression, backend: reference, epochs: 3, batch-size: 50}\naxes: {dropout: [none]}",
        "none-s1 has epochs 3", "it has 2")]
    [InlineData(Recipe + "axes: {dropout: [standard:0.1]}", "none-s1 (dropout none, seed 1) is gone")]
    [InlineData(Recipe + "axes: {dropout: [none]}\nseeds: [2]", "none-s1 (dropout none, seed 1) is gone")]
    public void AChangeThatLosesRunsIsRefused(string yaml, params string[] parts)
    {
        Succeed(Recipe + "axes: {dropout: [none]}");
        string copy = File.ReadAllText(folder["out", "sweep.yaml"]);

        Sweep(yaml).FailsWith(["the file has changed", "another folder", .. parts]);

        Assert.Equal(copy, File.ReadAllText(folder["out", "sweep.yaml"]));
    }

    [Fact]
    public void RecipeAndAugmentationAreOptionsLikeAnyOther()
    {
        Succeed(Recipe + "axes: {recipe: [poster], augment: [none, crop+flip]}");

        Assert.Equal(["augment-crop+flip-s1", "augment-none-s1"], Runs());
        Assert.Equal(
            [("poster", "crop+flip"), ("poster", "none")],
            Runs().Select(run => RunConfiguration.Read(Run(run))).Select(run => (run.Recipe, $"{run.Augmentation}")));
        Assert.NotEqual(CheckpointOf(Run("augment-none-s1")), CheckpointOf(Run("augment-crop+flip-s1")));
        Assert.Equal(["augmentation none", "augmentation crop+flip"], SweepSummary.Read(Root).Tables.Select(table => table.Name));
    }

    [Fact]
    public void ARunThatTrainMadeIsTakenOverUnderWhateverName()
    {
        CommandRun.Succeed(
            "train", "--model", "logistic-regression", "--backend", "reference", "--epochs", "2", "--batch-size", "50",
            "--dropout", "standard:0.3", "--threads", "2", "--data-dir", data, "--out", folder["out", "runs", "copied by hand"]);
        byte[] checkpoint = CheckpointOf(folder["out", "runs", "copied by hand"]);

        CommandRun run = Succeed(Recipe + "axes: {dropout: [none, standard:0.3]}");

        Assert.Contains("1 of 2 runs finished", run.Lines[0], StringComparison.Ordinal);
        Assert.Equal(["none-s1", "standard-0.3-s1"], Runs());
        Assert.Equal(checkpoint, CheckpointOf(Run("standard-0.3-s1")));
    }

    /// <summary>What it has computed so far depends on its threads, by rounding.</summary>
    [Fact]
    public void AnUnfinishedRunThatIsTakenOverKeepsItsThreads()
    {
        CommandRun.Succeed(
            "train", "--model", "logistic-regression", "--backend", "reference", "--epochs", "2", "--batch-size", "50",
            "--dropout", "standard:0.3", "--threads", "2", "--data-dir", data, "--out", folder["out", "runs", "copied"]);
        File.Delete(folder["out", "runs", "copied", Checkpoint.FileName]);
        CutToOneEpoch(folder["out", "runs", "copied"]);

        Succeed(Recipe + "axes: {dropout: [standard:0.3]}");

        Assert.Equal(["standard-0.3-s1"], Runs());
        Assert.Equal(2, RunConfiguration.Read(Run("standard-0.3-s1")).Threads);
        Assert.Equal(2, MetricsFile.Read(Run("standard-0.3-s1")).Count);
    }

    /// <summary>Checkpoints are large, and a report reads none of them.</summary>
    [Fact]
    public void AFinishedRunWithoutItsCheckpointIsFinished()
    {
        Succeed(Recipe + "axes: {dropout: [none]}");
        File.Delete(Path.Combine(Run("none-s1"), Checkpoint.FileName));
        Dictionary<string, DateTime> before = Times();

        CommandRun dry = Succeed(Recipe + "axes: {dropout: [none]}\nseeds: 1..2", "--dry-run");
        Succeed(Recipe + "axes: {dropout: [none]}\nseeds: 1..2");

        Assert.StartsWith("1 run to train", dry.Lines[^1], StringComparison.Ordinal);
        Assert.All(before, file => Assert.Equal(file.Value, Times()[file.Key]));
    }

    [Fact]
    public void RunsOfAnotherVersionAreSaidToBeThere()
    {
        Succeed(Recipe + "axes: {dropout: [none]}");
        string configuration = Path.Combine(Run("none-s1"), RunConfiguration.FileName);
        File.WriteAllText(configuration,
            Regex.Replace(File.ReadAllText(configuration), "\"dropoutlab\": \"[^\"]+\"", "\"dropoutlab\": \"0.0.7\""));

        CommandRun again = Succeed(Recipe + "axes: {dropout: [none]}\nseeds: 1..2");

        Assert.Contains("holds runs of DropoutLab 0.0.7, this is", again.Error, StringComparison.Ordinal);
        Assert.Contains("0.0.7", File.ReadAllText(folder["out", "summary.md"]), StringComparison.Ordinal);
    }

    /// <summary>As behind <c>| head -1</c>.</summary>
    [Fact]
    public void TheSummaryIsWrittenWhereNobodyCanBeToldOfTheRuns()
    {
        string file = folder.Make("sweep.yaml", Encoding.UTF8.GetBytes(Recipe + "axes: {dropout: [none]}"));

        CommandRun run = CommandRun.Of(
            new ClosingWriter(), CancellationToken.None, "sweep", file, "--out", Root, "--data-dir", data, "--threads", "1");

        Assert.Equal(2, run.ExitCode);
        Assert.Equal(SweepSummary.Read(Root).ToJson(), File.ReadAllText(folder["out", "summary.json"]));
        Assert.Equal(1, SweepSummary.Read(Root).Count(RunState.Finished));
    }

    [Fact]
    public void AFileWithoutANameIsNone() => CommandRun.Of("sweep", "").FailsWith("FILE", "a path is needed");

    [Fact]
    public void AnotherRunInTheWayIsNamed()
    {
        CommandRun.Succeed(
            "train", "--model", "logistic-regression", "--epochs", "1", "--backend", "reference", "--data-dir", data, "--out",
            folder["out", "runs", "none-s1"]);

        Sweep(Recipe + "axes: {dropout: [none, standard:0.3]}").FailsWith("none-s1", "epochs 1, not 2", "another folder");
    }

    [Fact]
    public void ARunThatFailsIsRecordedAndTheOthersGoOn()
    {
        string yaml = Recipe + "axes: {learning-rate: [0.01, 1e30]}\nseeds: 1..2";

        CommandRun run = Sweep(yaml);
        CommandRun again = Sweep(yaml);

        Assert.Equal((1, 1), (run.ExitCode, again.ExitCode));
        Assert.Equal("dropoutlab: 2 of 4 runs failed; the next start tries them again\n", run.Error);
        SweepSummary summary = SweepSummary.Read(Root);
        Assert.Equal((2, 2), (summary.Count(RunState.Finished), summary.Count(RunState.Failed)));
        Assert.All(
            summary.Runs.Where(record => record.State == RunState.Failed),
            record => Assert.StartsWith("training diverged: the loss of step ", record.Reason!, StringComparison.Ordinal));
        Assert.Contains("2 of 4 runs finished", again.Lines[0], StringComparison.Ordinal);
        Assert.Contains(
            "learning-rate-1e30-s2: training diverged", File.ReadAllText(folder["out", "summary.md"]), StringComparison.Ordinal);
    }

    /// <summary>Seeds on other data make no mean together.</summary>
    [Theory]
    [InlineData("data_batch_3.bin", "training set")]
    [InlineData("test_batch.bin", "test set")]
    public void DataThatChangedUnderASweepAreNamed(string file, string set)
    {
        CommandRun first = Succeed(Recipe + "axes: {dropout: [none]}\nseeds: 1..2");
        string manifest = File.ReadAllText(folder["out", "sweep.json"]);
        TinyCifar.Change(data, file, "labels");

        Sweep(Recipe + "axes: {dropout: [none]}\nseeds: 1..3")
            .FailsWith(Run("none-s1"), $"the {set} of cifar10 had other data or another order");

        Assert.Equal(manifest, File.ReadAllText(folder["out", "sweep.json"]));
        Assert.Contains(RunConfiguration.Read(Run("none-s1")).Data!.Test, manifest, StringComparison.Ordinal);
        Assert.Equal(["none-s1", "none-s2"], Runs());
        Assert.Single(first.ForeignData);
    }

    [Fact]
    public void ARunOnOtherDataIsNotTakenOver()
    {
        CommandRun.Succeed(
            "train", "--model", "logistic-regression", "--backend", "reference", "--epochs", "2", "--batch-size", "50",
            "--threads", "1", "--data-dir", data, "--out", folder["out", "runs", "copied"]);
        TinyCifar.Change(data, "test_batch.bin", "order");

        Sweep(Recipe + "axes: {dropout: [none]}").FailsWith(Run("copied"), "the test set of cifar10");

        Assert.Equal(["copied"], Runs());
    }

    /// <summary>Between the sweep's start and the run's.</summary>
    [Fact]
    public void ARunOfASweepDoesNotBeginOnOtherData()
    {
        Succeed(Recipe + "axes: {dropout: [none]}");
        SweepRun run = new(SweepManifest.Read(Root).Cells[0], Seed: 2);
        string[] arguments = [.. SweepRunCommand.ArgumentsFor(run, Run("none-s2"), data)];
        TinyCifar.Change(data, "test_batch.bin", "labels");

        // one of its own: it ends itself where its standard input ends
        using ChildProgram program = ChildProgram.Start(arguments);
        (int exitCode, string error) = program.Finish();

        Assert.Equal(2, exitCode);
        Assert.All(
            [Run("none-s2"), "is to hold a run on other data", $"the test set of cifar10 in {data}"],
            part => Assert.Contains(part, error, StringComparison.Ordinal));
        Assert.False(Directory.Exists(Run("none-s2")));
    }

    [Fact]
    public void ADryRunListsAndTrainsNothing()
    {
        CommandRun dry = Succeed(Recipe + "axes: {dropout: [none, standard:0.3]}\nseeds: 1..2", "--dry-run", "--jobs", "2");

        Assert.Equal(["none-s1", "standard-0.3-s1", "none-s2", "standard-0.3-s2"],
            dry.Lines.Skip(1).SkipLast(1).Select(line => line.Split(' ')[0]));
        Assert.Matches(
            @"^4 runs to train, 2 at a time on \d+ threads? each: \d+:\d\d by measuring a training step alone$", dry.Lines[^1]);
        Assert.False(Directory.Exists(Root));
    }

    [Fact]
    public void ADryRunKnowsWhatIsFinished()
    {
        Succeed(Recipe + "axes: {dropout: [none]}");

        CommandRun dry = Succeed(Recipe + "axes: {dropout: [none]}\nseeds: 1..2", "--dry-run");

        Assert.EndsWith(" finished", dry.Lines[1].TrimEnd(), StringComparison.Ordinal);
        Assert.StartsWith("1 run to train", dry.Lines[^1], StringComparison.Ordinal);
        Assert.EndsWith("by 1 finished run", dry.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void ADryRunKnowsWhatIsFinishedUnderAnotherName()
    {
        Succeed(Recipe + "axes: {dropout: [none]}");
        Directory.Move(Run("none-s1"), Run("copied"));
        File.Delete(folder["out", "sweep.json"]);

        CommandRun dry = Succeed(Recipe + "axes: {dropout: [none]}\nseeds: 1..2", "--dry-run");

        Assert.Matches("^none-s1 .* finished *$", dry.Lines[1]);
        Assert.StartsWith("1 run to train", dry.Lines[^1], StringComparison.Ordinal);
        Assert.Equal(["copied"], Runs());
    }

    [Fact]
    public void TwoSweepsDoNotShareAFolder()
    {
        Succeed(Recipe + "axes: {dropout: [none]}");
        using FileStream taken = new(
            folder["out", ".lock"], FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);

        Assert.True(SweepSummary.Read(Root).IsAtWork);
        Sweep(Recipe + "axes: {dropout: [none]}").FailsWith(Root, "in use");
    }

    /// <summary>Takes one line, and no more.</summary>
    private sealed class ClosingWriter : StringWriter
    {
        private int lines;

        public override void WriteLine(string? value)
        {
            if (lines++ > 0)
                throw new IOException("Broken pipe");
            base.WriteLine(value);
        }
    }

    private static void CutToOneEpoch(string run)
    {
        string metrics = Path.Combine(run, MetricsFile.FileName);
        File.WriteAllText(metrics, File.ReadAllLines(metrics)[0] + "\n");
    }

    private CommandRun Succeed(string yaml, params string[] options)
    {
        CommandRun run = Sweep(yaml, options);
        Assert.True(run.ExitCode == 0, run.Error);
        return run;
    }

    private CommandRun Sweep(string yaml, params string[] options)
    {
        string file = folder.Make("sweep.yaml", Encoding.UTF8.GetBytes(yaml));
        return CommandRun.Of(["sweep", file, "--out", Root, "--data-dir", data, "--threads", "1", .. options]);
    }

    private string Run(string name) => folder["out", "runs", name];

    private string[] Runs() =>
        [.. Directory.GetDirectories(folder["out", "runs"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private Dictionary<string, DateTime> Times() =>
        Directory.EnumerateFiles(folder["out", "runs"], "*", SearchOption.AllDirectories)
            .ToDictionary(file => file, File.GetLastWriteTimeUtc);

    private static byte[] CheckpointOf(string run) => File.ReadAllBytes(Path.Combine(run, Checkpoint.FileName));
}
