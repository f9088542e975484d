using System.Text;
using System.Text.RegularExpressions;
using DropoutLab.Backends;
using DropoutLab.Cli.Commands;
using DropoutLab.Data.Images;
using DropoutLab.Experiments;
using DropoutLab.Objectives;
using DropoutLab.Optimization;
using DropoutLab.Runs;
using DropoutLab.Tests.Storage;
using DropoutLab.Tests.Training;
using DropoutLab.Training;

namespace DropoutLab.Tests.Cli;

/// <summary>Runs that were made before there were recipes and augmentation go on meaning what they meant.</summary>
public sealed partial class OldRunTests : IDisposable
{
    /// <summary>As it was written then.</summary>
    private const string OldConfiguration =
        """
        {
          "model": "convnet-quick",
          "dataset": "cifar10",
          "dropout": "backward:0.3",
          "dropout_at": "conv2,conv3,fc1",
          "mask_sharing": "per-datum",
          "epochs": 10,
          "batch_size": 100,
          "learning_rate": 0.001,
          "momentum": 0.9,
          "weight_decay": 0.004,
          "seed": 1,
          "precision": "f32",
          "backend": "onednn",
          "threads": 1,
          "environment": {
            "dropoutlab": "0.1.0",
            "backend": "oneDNN 2.6.3, avx2, OpenMP threads: 1",
            "processor": "AMD EPYC",
            "dotnet": "10.0.12",
            "os": "Debian GNU/Linux 12 (bookworm)"
          }
        }
        """;

    private static readonly string[] Settings = ["--model", "logistic-regression", "--batch-size", "50", .. CommandRun.Small];

    private readonly TemporaryFolder folder = new();
    private readonly string data;

    public OldRunTests() => data = TinyCifar.Make(folder);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AnOldConfigurationMeansTheModelsFirstRecipeWithoutAugmentation()
    {
        folder.Make(Path.Combine("run", RunConfiguration.FileName), Encoding.UTF8.GetBytes(OldConfiguration));

        RunConfiguration old = RunConfiguration.Read(folder["run"]);
        TrainingOptions options = old.ToOptions();

        Assert.Equal(("poster", Augmentation.None), (old.Recipe, old.Augmentation));
        Assert.Equal((10, 100, 0.001), (options.Epochs, options.BatchSize, options.LearningRate));
        Assert.Equal(
            (0.9, 0.004, 1UL, Precision.Float32), (old.Momentum, options.Optimizer.WeightDecay, options.Seed, options.Precision));
        Assert.Equal(new Sgd(momentum: 0.9, weightDecay: 0.004), options.Optimizer);
        Assert.Equal(new CrossEntropy(), old.Objective);
        Assert.Equal([0.001, 0.001, 1e-4, 1e-4],
            new long[] { 0, 3999, 4000, 4999 }.Select(step => Math.Round(options.Schedule.At(0.001, step, 5000), 12)));
    }

    [Fact]
    public void AnOldConfigurationIsThatOfTheSameCommandLineNow()
    {
        folder.Make(Path.Combine("run", RunConfiguration.FileName), Encoding.UTF8.GetBytes(
            OldConfiguration.Replace("onednn", "reference", StringComparison.Ordinal)));
        using TrainRunSettings settings = new();

        RunConfiguration now = settings.Configure(new Dictionary<string, string>
        {
            ["dropout"] = "backward:0.3",
            ["dropout-at"] = "conv2,conv3,fc1",
            ["precision"] = "f32",
            ["backend"] = "reference",
            ["threads"] = "1",
        });

        Assert.Null(now.FirstDifference(RunConfiguration.Read(folder["run"])));
        Assert.Equal("recipe", (now with { Recipe = "quick" }).FirstDifference(now)?.Name);
        Assert.Equal("augmentation", (now with { Augmentation = new(Crop: true, Flip: false) }).FirstDifference(now)?.Name);
    }

    [Fact]
    public void AnOldRunIsEvaluatedAndGoneOnWith()
    {
        CommandRun.Succeed(["train", .. Settings, "--epochs", "2", "--data-dir", data, "--out", folder["whole"]]);
        CommandRun.Succeed(["train", .. Settings, "--epochs", "2", "--data-dir", data, "--out", folder["run"]]);
        MakeOld(folder["run", RunConfiguration.FileName]);
        File.Delete(folder["run", Checkpoint.FileName]);
        File.Delete(folder["run", MetricsFile.FileName]);

        CommandRun.Succeed("train", "--resume", "--out", folder["run"], "--data-dir", data);
        CommandRun evaluated = CommandRun.Succeed("evaluate", folder["run"], "--data-dir", data);

        OldCheckpoint.AssertSameArrays(folder["whole", Checkpoint.FileName], folder["run", Checkpoint.FileName]);
        Assert.Contains("after epoch 2 of 2", evaluated.Output, StringComparison.Ordinal);
        CommandRun.Of("train", "--resume", "--augment", "flip", "--out", folder["run"], "--data-dir", data)
            .FailsWith(folder["run"], "augmentation none, not flip");
    }

    [Fact]
    public void ASweepTakesOldRunsOverAndGoesOnWithAnOldSweep()
    {
        const string Yaml =
            "recipe: {model: logistic-regression, backend: reference, epochs: 1, batch-size: 50}\naxes: {dropout: [none]}";
        CommandRun.Succeed(["train", .. Settings, "--epochs", "1", "--data-dir", data, "--out", folder["out", "runs", "old"]]);
        OldCheckpoint.MakeOf(folder["out", "runs", "old", Checkpoint.FileName]);
        MakeOld(folder["out", "runs", "old", RunConfiguration.FileName]);
        byte[] checkpoint = File.ReadAllBytes(folder["out", "runs", "old", Checkpoint.FileName]);

        CommandRun first = Sweep(Yaml);
        MakeOld(folder["out", "sweep.json"]);
        CommandRun second = Sweep(Yaml + "\nseeds: 1..2");

        Assert.Contains("1 of 1 run finished", first.Lines[0], StringComparison.Ordinal);
        Assert.Contains("1 of 2 runs finished", second.Lines[0], StringComparison.Ordinal);
        Assert.Equal(checkpoint, File.ReadAllBytes(folder["out", "runs", "none-s1", Checkpoint.FileName]));
        Assert.Equal(2, SweepSummary.Read(folder["out"]).Count(RunState.Finished));
        CommandRun.Succeed("report", folder["out"], "--format", "csv");
    }

    private CommandRun Sweep(string yaml)
    {
        string file = folder.Make("sweep.yaml", Encoding.UTF8.GetBytes(yaml));
        return CommandRun.Succeed("sweep", file, "--out", folder["out"], "--data-dir", data, "--threads", "1");
    }

    /// <summary>Takes out what a file did not say then.</summary>
    private static void MakeOld(string path)
    {
        string text = File.ReadAllText(path), old = NewEntry().Replace(text, "");
        Assert.True(old.Length < text.Length, $"{path} has no new entry");
        File.WriteAllText(path, old);
    }

    [GeneratedRegex("""\n *"(recipe|augmentation|data|run_id)": ("[^"]*"|\{[^}]*\}),""")]
    private static partial Regex NewEntry();
}
