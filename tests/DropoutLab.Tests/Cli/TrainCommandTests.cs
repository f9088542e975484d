using System.Text.Json;
using DropoutLab.Dropout;
using DropoutLab.Runs;
using DropoutLab.Storage;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Cli;

public sealed class TrainCommandTests : IDisposable
{
    private static readonly string[] MetricNames =
        ["epoch", "train_loss", "test_loss", "test_accuracy", "images_per_second", "learning_rate", "seconds"];

    private readonly TemporaryFolder folder = new();
    private readonly string data;

    public TrainCommandTests() => data = TinyCifar.Make(folder);

    private string[] Train => ["train", "--model", "logistic-regression", "--data-dir", data, .. CommandRun.Small];

    public void Dispose() => folder.Dispose();

    /// <summary>Where nothing is dropped, it does not matter where: such runs are one and the same.</summary>
    [Theory]
    [InlineData("none", "fc2")]
    [InlineData("none", "fc2=0.2")]
    [InlineData("standard:0", "fc2")]
    public void APlainRunHasNoSites(string rule, string sites)
    {
        CommandRun.Succeed(
            "train", "--model", "mlp", "--dropout", rule, "--dropout-at", sites, "--mask-sharing", "per-minibatch",
            "--epochs", "1", "--data-dir", data, "--out", folder["run"], "--threads", "1");
        RunConfiguration configuration = RunConfiguration.Read(folder["run"]);
        Assert.Equal((SiteSelection.All, MaskSharing.PerDatum), (configuration.DropoutAt, configuration.MaskSharing));
    }

    [Theory]
    [InlineData("standard:0.5")]
    [InlineData("standard:0")]
    public void ASiteHasARatioOfItsOwn(string rule)
    {
        CommandRun run = CommandRun.Succeed(
            "train", "--model", "mlp", "--dropout", rule, "--dropout-at", "fc*, fc1=.20", "--epochs", "1", "--batch-size", "60",
            "--data-dir", data, "--out", folder["run"], "--threads", "1");
        CommandRun evaluated = CommandRun.Succeed("evaluate", folder["run"], "--monte-carlo", "2", "--data-dir", data);

        Assert.Equal(
            new DropoutSettings(DropoutRule.Parse(rule), ["fc*", "fc1=0.2"], MaskSharing.PerDatum),
            RunConfiguration.Read(folder["run"]).ToDropout());
        Assert.Contains($"{rule}, per-datum, at the inputs of fc1 (0.2), fc2, fc3\n", run.Output, StringComparison.Ordinal);
        Assert.Equal("", evaluated.Error);
    }

    [Fact]
    public void WritesSettingsMetricsAndCheckpointAndNothingElse()
    {
        CommandRun run = CommandRun.Succeed([.. Train, "--epochs", "3", "--batch-size", "50", "--out", folder["run"]]);

        Assert.Equal(["checkpoint.safetensors", "config.json", "metrics.jsonl"],
            Directory.GetFiles(folder["run"]).Select(Path.GetFileName).Order());
        Assert.Equal(3, run.Lines.Count(line => line.StartsWith("epoch ", StringComparison.Ordinal)));
        Assert.Equal("", run.Error);
        SafetensorsFile checkpoint = SafetensorsFile.Read(folder["run", "checkpoint.safetensors"]);
        Assert.Equal("3", checkpoint.Metadata["epoch"]);
    }

    /// <summary>One step an epoch: its loss is that of the initial weights, and what follows is none.</summary>
    [Theory]
    [InlineData("1E+30", "the test loss of epoch 1 is NaN")]
    [InlineData("1E+300", "fc1.weight has a number that is none")]
    public void DivergenceInAnEpochsLastStepIsSaid(string learningRate, string what)
    {
        CommandRun run = CommandRun.Of(["train", "--model", "mlp", .. Train.Skip(3), "--batch-size", "65536", "--learning-rate",
            learningRate, "--out", folder["run"]]);

        Assert.Equal(2, run.ExitCode);
        Assert.Equal($"dropoutlab: training diverged: {what}; a learning rate below {learningRate} may be right\n", run.Error);
    }

    [Fact]
    public void ALineOfMetricsHasExactlyTheNamesThatScriptsLeanOn()
    {
        CommandRun.Succeed([.. Train, "--epochs", "2", "--learning-rate", "0.02", "--out", folder["run"]]);

        JsonElement[] lines =
            [.. File.ReadLines(folder["run", "metrics.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement)];

        Assert.Equal([1, 2], lines.Select(line => line.GetProperty("epoch").GetInt32()));
        Assert.All(
            lines, line => Assert.Equal([.. MetricNames, "run_id"], line.EnumerateObject().Select(property => property.Name)));
        Assert.All(
            lines, line => Assert.All(MetricNames, name => Assert.True(double.IsFinite(line.GetProperty(name).GetDouble()))));
        Assert.All(
            lines, line => Assert.Equal(RunConfiguration.Read(folder["run"]).RunId, line.GetProperty("run_id").GetString()));
        Assert.Equal(0.02, lines[0].GetProperty("learning_rate").GetDouble());
        Assert.True(lines[1].GetProperty("train_loss").GetDouble() < lines[0].GetProperty("train_loss").GetDouble());
    }

    [Fact]
    public void SettingsAreWrittenWithAutoResolvedAndTheModelsDefaults()
    {
        CommandRun.Succeed(
            "train", "--model", "mlp", "--data-dir", data, "--epochs", "1", "--batch-size", "60", "--dropout",
            "augmented:0.3/0.0002",
            "--dropout-at", "fc3, fc2", "--mask-sharing", "per-minibatch", "--seed", "18446744073709551615", "--out",
            folder["run"]);

        JsonElement settings = JsonDocument.Parse(File.ReadAllText(folder["run", "config.json"])).RootElement;

        string Text(string name) => settings.GetProperty(name).ToString();
        Assert.Equal(("mlp", "cifar10", "augmented:0.3/0.0002"), (Text("model"), Text("dataset"), Text("dropout")));
        Assert.Equal(("fc3,fc2", "per-minibatch"), (Text("dropout_at"), Text("mask_sharing")));
        Assert.Equal(("poster", "none"), (Text("recipe"), Text("augmentation")));
        Assert.Equal(("1", "60", "0.01"), (Text("epochs"), Text("batch_size"), Text("learning_rate")));
        Assert.Equal("18446744073709551615", Text("seed"));
        Assert.True(Text("precision") is "f32" or "bf16");
        Assert.True(Text("backend") is "onednn" or "reference");
        Assert.Equal(Environment.ProcessorCount, settings.GetProperty("threads").GetInt32());
        Assert.Equal(
            ["dropoutlab", "backend", "processor", "dotnet", "os"],
            settings.GetProperty("environment").EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public void QuietWritesNothing()
    {
        CommandRun run = CommandRun.Succeed([.. Train, "--epochs", "1", "--quiet", "--out", folder["run"]]);

        Assert.Equal(("", ""), (run.Output, run.Error));
        Assert.Empty(run.ForeignData);
    }

    [Fact]
    public void AFolderThatHoldsARunIsLeftAlone()
    {
        string[] args = [.. Train, "--epochs", "1", "--out", folder["run"]];
        CommandRun.Succeed(args);
        byte[] before = File.ReadAllBytes(folder["run", "checkpoint.safetensors"]);

        CommandRun.Of(args).FailsWith(folder["run"], "--resume");

        Assert.Equal(before, File.ReadAllBytes(folder["run", "checkpoint.safetensors"]));
    }

    [Fact]
    public void AFullDiskIsNamedAndCostsOnlyTheEpoch()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs /dev/full");
        string[] args = [.. Train, "--epochs", "2", "--batch-size", "50"];
        string metrics = folder["run", "metrics.jsonl"];
        ActingWriter full = new("epoch 1/2", () =>
        {
            File.Move(metrics, folder["metrics"]);
            File.CreateSymbolicLink(metrics, "/dev/full");
        });

        CommandRun run = CommandRun.Of(full, CancellationToken.None, [.. args, "--out", folder["run"]]);

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"dropoutlab: {metrics} cannot be written: the disk is full", run.Error, StringComparison.Ordinal);
        File.Move(folder["metrics"], metrics, overwrite: true);
        Assert.Contains("going on after epoch 1", CommandRun.Succeed([.. args, "--resume", "--out", folder["run"]]).Output,
            StringComparison.Ordinal);
        CommandRun.Succeed([.. args, "--out", folder["whole"]]);
        Assert.Equal(File.ReadAllBytes(folder["whole", "checkpoint.safetensors"]),
            File.ReadAllBytes(folder["run", "checkpoint.safetensors"]));
    }
}
