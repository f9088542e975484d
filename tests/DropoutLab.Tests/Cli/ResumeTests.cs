using DropoutLab.Cli;
using DropoutLab.Objectives;
using DropoutLab.Optimization;
using DropoutLab.Runs;
using DropoutLab.Tests.Storage;
using DropoutLab.Tests.Training;

namespace DropoutLab.Tests.Cli;

public sealed class ResumeTests : IDisposable
{
    private const string CheckpointName = "checkpoint.safetensors";

    private readonly TemporaryFolder folder = new();
    private readonly string data;

    public ResumeTests() => data = TinyCifar.Make(folder);

    private string[] Settings =>
        ["--model", "mlp", "--dropout", "standard:0.3", "--epochs", "3", "--batch-size", "60", "--seed", "5", "--data-dir", data,
            "--threads", "1"];

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("mlp", "none", 1)]
    [InlineData("mlp", "none", 3)]
    [InlineData("mlp", "crop+flip", 1)]
    [InlineData("resnet8", "crop+flip", 1)]
    [InlineData("resnet8", "none", 2)]
    public void ACancelledRunGoesOnToTheSameWeightsWithItsOwnSettings(string model, string augmentation, int threads)
    {
        string[] settings = [.. Settings.Skip(2).SkipLast(1), $"{threads}", "--model", model, "--augment", augmentation];
        CommandRun.Succeed(["train", .. settings, "--out", folder["whole"]]);
        using CancellationTokenSource cancellation = new();
        CommandRun stopped = CommandRun.Of(
            new ActingWriter("epoch 1/3", cancellation.Cancel), cancellation.Token,
            ["train", .. settings, "--out", folder["run"]]);

        Assert.Equal(130, stopped.ExitCode);
        Assert.Equal(
            "dropoutlab: interrupted after 1 of 3 epochs; go on with: dropoutlab train --resume --out "
                + $"{CommandConsole.Quoted(folder["run"])} --data-dir {CommandConsole.Quoted(data)}\n", stopped.Error);
        CommandRun resumed = CommandRun.Succeed("train", "--resume", "--out", folder["run"], "--data-dir", data);

        Assert.Contains("going on after epoch 1", resumed.Output, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(folder["whole", CheckpointName]), File.ReadAllBytes(folder["run", CheckpointName]));
        Assert.Equal(Learning(folder["whole"]), Learning(folder["run"]));
    }

    [Fact]
    public void ARunWithAnotherOptimiserGoesOnToTheSameWeights()
    {
        string[] settings = [.. Settings, "--optimizer", "adamw", "--label-smoothing", "0.1", "--gradient-norm", "0.5"];
        CommandRun.Succeed(["train", .. settings, "--out", folder["whole"]]);
        using CancellationTokenSource cancellation = new();
        CommandRun.Of(new ActingWriter("epoch 1/3", cancellation.Cancel), cancellation.Token,
            ["train", .. settings, "--out", folder["run"]]);
        CommandRun.Succeed("train", "--resume", "--out", folder["run"], "--data-dir", data);

        RunConfiguration configuration = RunConfiguration.Read(folder["run"]);
        Assert.Equal(new AdamW { MaximumGradientNorm = 0.5 }, configuration.Optimizer);
        Assert.Equal((new CrossEntropy(0.1), 0.001), (configuration.Objective, configuration.LearningRate));
        Assert.Equal(File.ReadAllBytes(folder["whole", CheckpointName]), File.ReadAllBytes(folder["run", CheckpointName]));
        Assert.Equal(Learning(folder["whole"]), Learning(folder["run"]));
    }

    [Fact]
    public void AFinishedRunSaysSoAndIsLeftAsItIs()
    {
        CommandRun.Succeed(["train", .. Settings, "--out", folder["run"]]);
        byte[] before = File.ReadAllBytes(folder["run", CheckpointName]);

        CommandRun again = CommandRun.Succeed("train", "--resume", "--out", folder["run"], "--data-dir", data);

        Assert.Contains("finished", again.Lines[^2], StringComparison.Ordinal);
        Assert.StartsWith("epoch 3/3 ", again.Lines[^1], StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(folder["run", CheckpointName]));
    }

    /// <summary>Its epochs are not thrown away to train it anew.</summary>
    [Fact]
    public void ARunWhoseCheckpointIsGoneIsLeftAsItIs()
    {
        CommandRun.Succeed(["train", .. Settings, "--out", folder["run"]]);
        File.Delete(folder["run", CheckpointName]);
        string metrics = File.ReadAllText(folder["run", MetricsFile.FileName]);

        CommandRun.Of("train", "--resume", "--quiet", "--out", folder["run"], "--data-dir", data)
            .FailsWith(folder["run", MetricsFile.FileName], "has 3 epochs, its checkpoint is gone");

        Assert.Equal(metrics, File.ReadAllText(folder["run", MetricsFile.FileName]));
    }

    /// <summary>And nothing is made, read or downloaded: there are no data at all.</summary>
    [Fact]
    public void NothingToResumeIsAnErrorThatSaysWhatIsThere()
    {
        foreach (string name in new[] { "resnet", "tipo", "typo", "other", "sweep" })
            folder.Make(Path.Combine("runs", name, name == "sweep" ? "sweep.json" : "config.json"), "{}"u8);
        Directory.CreateDirectory(folder["empty"]);
        folder.Make(Path.Combine("notes", "a.txt"), "x"u8);
        string[] before = folder.Files();

        Resume("runs", "tpyo")
            .FailsWith(
                $"{folder["runs", "tpyo"]} is no run's folder: there is no such folder; beside it there is tipo, typo, other and "
                    + "1 more\n");
        Resume("nowhere", "run").FailsWith("there is no such folder\n");
        Resume("empty").FailsWith("it holds no config.json, it is empty\n");
        Resume("notes").FailsWith("it holds no config.json, only a.txt\n");
        Resume("runs").FailsWith("it holds no config.json, but other, resnet, tipo and 1 more below it do\n");
        Resume("runs", "sweep").FailsWith("it holds no config.json, only sweep.json\n");
        Assert.Equal(before, folder.Files());
        Assert.False(Directory.Exists(folder["runs", "tpyo"]));

        CommandRun Resume(params string[] run) =>
            CommandRun.Of("train", "--resume", "--out", folder[run], "--data-dir", folder["no data"]);
    }

    [Fact]
    public void AMistypedFolderIsNamedWithWhatIsBesideIt()
    {
        folder.Make(Path.Combine("runs", "typo", "config.json"), "{}"u8);
        folder.Make(Path.Combine("sweeps", "table1", "sweep.json"), "{}"u8);

        CommandRun.Of("evaluate", folder["runs", "tpyo"])
            .FailsWith(folder["runs", "tpyo"], "there is no such folder; beside it there is typo\n");
        foreach (string command in new[] { "report", "dashboard" })
            CommandRun.Of(command, folder["sweeps", "tabel1"])
                .FailsWith(folder["sweeps", "tabel1"], "there is no such folder; beside it there is table1");
        CommandRun.Of("audit", "--out", folder["tpyo", "step.safetensors"])
            .FailsWith(folder["tpyo", "step.safetensors"], "its folder does not exist");
    }

    [Theory]
    [InlineData("--seed", "6", "seed 5, not 6")]
    [InlineData("--epochs", "4", "epochs 3, not 4")]
    [InlineData("--dropout", "forward:0.3", "dropout standard:0.3, not forward:0.3")]
    [InlineData("--threads", "2", "threads 1, not 2")]
    [InlineData("--augment", "crop", "augmentation none, not crop")]
    [InlineData("--model", "convnet-quick", "model mlp, not convnet-quick")]
    public void SettingsThatDifferFromTheRunsAreAnError(string option, string value, string message)
    {
        WriteRunOfOneEpoch();

        CommandRun.Of("train", "--resume", "--out", folder["run"], "--data-dir", data, option, value)
            .FailsWith(folder["run"], message);
    }

    [Fact]
    public void ADamagedCheckpointIsNamed()
    {
        WriteRunOfOneEpoch();
        byte[] bytes = File.ReadAllBytes(folder["run", CheckpointName]);
        bytes[^5] ^= 1;
        File.WriteAllBytes(folder["run", CheckpointName], bytes);

        CommandRun.Of("train", "--resume", "--quiet", "--out", folder["run"], "--data-dir", data)
            .FailsWith(folder["run", CheckpointName]);
        CommandRun.Of("evaluate", folder["run"], "--data-dir", data).FailsWith(folder["run", CheckpointName]);
    }

    [Fact]
    public void ACheckpointOfAnotherModelIsNamed()
    {
        WriteRunOfOneEpoch();
        CommandRun.Succeed(["train", "--model", "logistic-regression", "--epochs", "1", "--data-dir", data, "--out",
            folder["other"], .. CommandRun.Small]);
        File.Copy(folder["other", CheckpointName], folder["run", CheckpointName], overwrite: true);

        CommandRun.Of("train", "--resume", "--out", folder["run"], "--data-dir", data)
            .FailsWith(folder["run", CheckpointName], "model logistic-regression", "mlp");
    }

    /// <summary>A folder of data may hold others the next time.</summary>
    [Fact]
    public void OtherTrainingImagesThanTheRunsAreNamed()
    {
        WriteRunOfOneEpoch();
        byte[] records = File.ReadAllBytes(Path.Combine(data, "data_batch_3.bin"));
        records.AsSpan(1, 3072).Clear();
        File.WriteAllBytes(Path.Combine(data, "data_batch_3.bin"), records);

        CommandRun.Of("train", "--resume", "--quiet", "--out", folder["run"], "--data-dir", data)
            .FailsWith(folder["run"], "holds a run on other data", $"the training set of cifar10 in {data}");
        CommandRun.Of("evaluate", folder["run"], "--data-dir", data)
            .FailsWith(folder["run", CheckpointName], "was trained on other data");
    }

    /// <summary>Neither changes the images' means.</summary>
    [Theory]
    [InlineData("data_batch_2.bin", "labels", "training set")]
    [InlineData("data_batch_2.bin", "order", "training set")]
    [InlineData("test_batch.bin", "labels", "test set")]
    [InlineData("test_batch.bin", "order", "test set")]
    public void DataThatChangedUnderARunAreNamed(string file, string change, string set)
    {
        WriteRunOfOneEpoch();
        string metrics = File.ReadAllText(folder["run", MetricsFile.FileName]);
        TinyCifar.Change(data, file, change);

        CommandRun.Of("train", "--resume", "--quiet", "--out", folder["run"], "--data-dir", data)
            .FailsWith(
                folder["run"], $"the {set} of cifar10 in {data} had other data or another order", "bring those back");
        CommandRun.Of("evaluate", folder["run"], "--data-dir", data)
            .FailsWith(folder["run", CheckpointName], $"the {set} of cifar10");
        Assert.Equal(metrics, File.ReadAllText(folder["run", MetricsFile.FileName]));
    }

    /// <summary>As after an interruption in the first epoch.</summary>
    [Fact]
    public void DataThatChangedBeforeTheFirstCheckpointAreNamed()
    {
        WriteRunOfOneEpoch();
        File.Delete(folder["run", CheckpointName]);
        File.Delete(folder["run", MetricsFile.FileName]);
        TinyCifar.Change(data, "data_batch_1.bin", "labels");
        TinyCifar.Change(data, "test_batch.bin", "labels");

        CommandRun.Of("train", "--resume", "--quiet", "--out", folder["run"], "--data-dir", data)
            .FailsWith(folder["run"], "the training and test sets of cifar10");
    }

    [Fact]
    public void TheSameDataElsewhereAreTheSame()
    {
        WriteRunOfOneEpoch();
        Directory.Move(data, folder["elsewhere"]);

        CommandRun.Succeed("train", "--resume", "--out", folder["run"], "--data-dir", folder["elsewhere"]);
    }

    /// <summary>Versions 0.1.0 and 0.2.0 wrote none down: there is nothing to compare.</summary>
    [Fact]
    public void ARunWithoutDigestsIsGoneOnWith()
    {
        WriteRunOfOneEpoch();
        OldCheckpoint.MakeOf(folder["run", CheckpointName]);
        (RunConfiguration.Read(folder["run"]) with { Data = null }).Write(folder["run"]);
        TinyCifar.Change(data, "data_batch_2.bin", "order");

        CommandRun.Succeed("train", "--resume", "--out", folder["run"], "--data-dir", data);
    }

    /// <summary>Checkpoints of version 0.1.0 do not say what images they are of.</summary>
    [Fact]
    public void ACheckpointWithoutTheImagesMeansIsGoneOnWith()
    {
        CommandRun.Succeed(["train", .. Settings, "--out", folder["whole"]]);
        WriteRunOfOneEpoch();
        OldCheckpoint.MakeOf(folder["run", CheckpointName]);

        CommandRun.Succeed("train", "--resume", "--out", folder["run"], "--data-dir", data);

        OldCheckpoint.AssertSameArrays(folder["whole", CheckpointName], folder["run", CheckpointName]);
    }

    /// <summary>The metrics but for the times.</summary>
    private static IEnumerable<string> Learning(string run) =>
        MetricsFile.Read(run).Select(metrics => MetricsFile.Line(metrics with { DataPerSecond = 0, Seconds = 0 }));

    private void WriteRunOfOneEpoch()
    {
        using CancellationTokenSource cancellation = new();
        CommandRun.Of(new ActingWriter("epoch 1/3", cancellation.Cancel), cancellation.Token,
            ["train", .. Settings, "--out", folder["run"]]);
    }
}
