using DropoutLab.Backends;
using DropoutLab.Classification;
using DropoutLab.Runs;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Cli;

/// <summary>What a run goes on with, or is evaluated by, is its own: no other's checkpoint, no other's metrics.</summary>
public sealed class ForeignRunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string data;

    public ForeignRunTests() => data = TinyCifar.Make(folder);

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false, RunConfiguration.FileName)]
    [InlineData(true, RunConfiguration.FileName)]
    [InlineData(false, RunConfiguration.FileName, MetricsFile.FileName)]
    [InlineData(false, RunConfiguration.FileName, Checkpoint.FileName)]
    public void NoRunBeginsWhereAnothersFilesAre(bool resume, params string[] gone)
    {
        Train("run", seed: 1, epochs: 3);
        foreach (string name in gone)
            File.Delete(folder["run", name]);
        folder.Make(Path.Combine("run", ".checkpoint.safetensors.0123456789abcdef0123456789abcdef.tmp"), "half a file"u8);
        Dictionary<string, byte[]> before = Contents();

        CommandRun run = CommandRun.Of(
            [.. Arguments("run", seed: 2, epochs: 3), .. resume ? ["--resume"] : Array.Empty<string>()]);

        run.FailsWith([folder["run"], RunConfiguration.FileName,
            .. before.Keys.Where(name => name is Checkpoint.FileName or MetricsFile.FileName)]);
        Assert.Equal(before, Contents());
    }

    [Fact]
    public void AWeightIsNotTakenFromAnotherSeedsCheckpoint()
    {
        Train("one", seed: 1, epochs: 1);
        TrainOneEpochOfTwo("two", seed: 2);
        File.Copy(folder["one", Checkpoint.FileName], folder["two", Checkpoint.FileName], overwrite: true);
        Dictionary<string, byte[]> before = Contents("two");

        string[] refusal = [folder["two", Checkpoint.FileName], "is of another run than config.json"];
        Resume("two").FailsWith(refusal);
        CommandRun.Of(["evaluate", folder["two"], "--data-dir", data, .. CommandRun.Small]).FailsWith(refusal);
        using Backend backend = TestBackends.Reference();
        OneLine.Throws(() => Predictor.Open(folder["two"], backend), refusal);
        Assert.Equal(before, Contents("two"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // As a run that was killed in its first epoch: its one line would be dropped.
    public void AnEpochIsNotTakenFromAnotherSeedsMetrics(bool withCheckpoint)
    {
        Train("one", seed: 1, epochs: 1);
        TrainOneEpochOfTwo("two", seed: 2);
        File.Copy(folder["one", MetricsFile.FileName], folder["two", MetricsFile.FileName], overwrite: true);
        if (!withCheckpoint)
            File.Delete(folder["two", Checkpoint.FileName]);

        Resume("two").FailsWith(folder["two", MetricsFile.FileName], "epoch 1: it is of another run than config.json");

        Assert.Equal(
            File.ReadAllText(folder["one", MetricsFile.FileName]), File.ReadAllText(folder["two", MetricsFile.FileName]));
    }

    [Fact]
    public void ANewersRunsFilesAreNotAnOldRuns()
    {
        TrainOneEpochOfTwo("run", seed: 1);
        string path = folder["run", RunConfiguration.FileName], text = File.ReadAllText(path);
        string id = RunConfiguration.Read(folder["run"]).RunId!;
        File.WriteAllText(path, text.Replace($"\"run_id\": \"{id}\",", "", StringComparison.Ordinal));

        Resume("run").FailsWith(folder["run", MetricsFile.FileName], "is of another run");

        Assert.Matches("^[0-9a-f]{32}$", id);
        Assert.Equal(id, Assert.Single(MetricsFile.Read(folder["run"])).RunId);
    }

    [Fact]
    public void ASweepFailsTheRunWhoseFolderHoldsAnothersCheckpoint()
    {
        const string Yaml =
            "recipe: {model: logistic-regression, backend: reference, epochs: 1, batch-size: 50}\naxes: {dropout: "
                + "[none]}\nseeds: 1..2";
        string file = folder.Make("sweep.yaml", System.Text.Encoding.UTF8.GetBytes(Yaml));
        Train("one", seed: 1, epochs: 1);
        folder.Make(
            Path.Combine("out", "runs", "none-s2", Checkpoint.FileName), File.ReadAllBytes(folder["one", Checkpoint.FileName]));

        CommandRun sweep = CommandRun.Of("sweep", file, "--out", folder["out"], "--data-dir", data, "--threads", "1");

        Assert.Contains("none-s2  failed: ", sweep.Output, StringComparison.Ordinal);
        Assert.Contains(
            "holds checkpoint.safetensors of a run whose config.json is gone", sweep.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(folder["out", "runs", "none-s1", Checkpoint.FileName]));
    }

    private string[] Arguments(string run, int seed, int epochs) =>
    [
        "train", "--model", "logistic-regression", "--batch-size", "50", "--epochs", $"{epochs}", "--seed", $"{seed}",
        "--data-dir", data, "--out", folder[run], "--quiet", .. CommandRun.Small,
    ];

    private void Train(string run, int seed, int epochs) => CommandRun.Succeed(Arguments(run, seed, epochs));

    private CommandRun Resume(string run) =>
        CommandRun.Of("train", "--resume", "--quiet", "--out", folder[run], "--data-dir", data);

    /// <summary>Leaves a run of two epochs as it is after the first.</summary>
    private void TrainOneEpochOfTwo(string run, int seed)
    {
        using CancellationTokenSource cancellation = new();
        string[] arguments = [.. Arguments(run, seed, epochs: 2).Where(argument => argument != "--quiet")];

        CommandRun stopped = CommandRun.Of(new ActingWriter("epoch 1/2", cancellation.Cancel), cancellation.Token, arguments);

        Assert.Equal(130, stopped.ExitCode);
    }

    private Dictionary<string, byte[]> Contents(string run = "run") =>
        Directory.GetFiles(folder[run]).ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);
}
