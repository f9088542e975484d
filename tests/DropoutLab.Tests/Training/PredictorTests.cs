using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Classification;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Runs;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Experiments;
using DropoutLab.Tests.Storage;
using DropoutLab.Training;

namespace DropoutLab.Tests.Training;

public sealed class PredictorTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>The run's trainer has the images that the input's means are of; the predictor has the folder alone.</summary>
    [Theory]
    [InlineData("mlp", "standard:0.3")]
    [InlineData("convnet-quick", "none")]
    [InlineData("resnet8", "forward:0.3")]
    public void ItPredictsWhatTheTrainerDoes(string model, string rule)
    {
        Train(model, rule);
        ImageDataset data = DatasetCatalog.Load("cifar10", folder["data"], cancellation: TestContext.Current.CancellationToken);
        using Backend backend = TestBackends.Reference();
        RunConfiguration configuration = RunConfiguration.Read(folder["run"]);
        using Trainer trainer = configuration.CreateTrainer(data, backend);
        Checkpoint.Restore(Checkpoint.PathIn(folder["run"]), trainer);
        Directory.Delete(folder["data"], recursive: true);

        using Predictor predictor = Predictor.Open(folder["run"], backend);

        Assert.Equal(data.ClassNames, predictor.ClassNames);
        Assert.Equal(trainer.Network.Input.Datum, predictor.Input);
        Assert.Equal(
            trainer.Predict(data.Test, TestContext.Current.CancellationToken).ToArray(),
            predictor.Predict(data.Test, TestContext.Current.CancellationToken).ToArray());
    }

    /// <summary>One of the two is what oneDNN prefers here, and the other elsewhere.</summary>
    [Theory]
    [InlineData(Precision.Float32, Precision.BFloat16)]
    [InlineData(Precision.BFloat16, Precision.Float32)]
    public void ItKeepsThePrecisionOfTheRun(Precision precision, Precision other)
    {
        using OneDnnBackend backend = TestBackends.OneDnn(threads: 1);
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        RunConfiguration configuration = MadeUpSweep.Configuration("none") with
        {
            Model = "logistic-regression",
            Epochs = 1,
            BatchSize = 4,
            Precision = precision,
        };
        using TrainingRun run = TrainingRun.Open(folder["run"], configuration, MadeUp(), backend, resume: false);
        run.Execute(cancellation: cancellation);
        (Trainer trainer, string checkpoint) = (run.Trainer, Checkpoint.PathIn(folder["run"]));

        using Predictor ofRun = Predictor.Open(folder["run"], backend);
        using Predictor ofCheckpoint = Predictor.Open(checkpoint, trainer.Network, backend, precision);
        using Predictor inOther = Predictor.Open(checkpoint, trainer.Network, backend, other);

        double[] expected = trainer.Predict(MadeUp().Test, cancellation).ToArray();
        Assert.Equal(expected, ofRun.Predict(MadeUp().Test, cancellation).ToArray());
        Assert.Equal(expected, ofCheckpoint.Predict(MadeUp().Test, cancellation).ToArray());
        Assert.NotEqual(expected, inOther.Predict(MadeUp().Test, cancellation).ToArray());
    }

    [Fact]
    public void WhatItCannotPredictWithIsNamed()
    {
        using Backend backend = TestBackends.Reference();
        OneLine.Throws(() => Predictor.Open(folder.Root, backend), folder.Root, "is no run's folder");

        Train("logistic-regression", "none");
        using (Predictor predictor = Predictor.Open(folder["run"], backend))
            OneLine.Throws(() => predictor.Predict(new ImageSet(28, 28, 1, new byte[784], new byte[1])),
                "takes input of [32, 32, 3], those of the set to predict are [28, 28, 1]");

        string checkpoint = folder["run", Checkpoint.FileName];
        OldCheckpoint.MakeOf(checkpoint);
        OneLine.Throws(() => Predictor.Open(folder["run"], backend), checkpoint, "does not hold its images' normalisation");

        File.Delete(checkpoint);
        OneLine.Throws(() => Predictor.Open(folder["run"], backend), checkpoint);
    }

    /// <summary>Ten images by the name of CIFAR-10.</summary>
    private static ImageDataset MadeUp()
    {
        byte[] pixels = new byte[10 * 32 * 32 * 3];
        new System.Random(5).NextBytes(pixels);
        ImageSet images = new(32, 32, 3, pixels, new byte[] { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 });
        return new ImageDataset("cifar10", DatasetCatalog.Find("cifar10").ClassNames, images, images);
    }

    private void Train(string model, string rule) => CommandRun.Succeed(
        ["train", "--model", model, "--dropout", rule, "--epochs", "1", "--batch-size", "100", "--data-dir",
            TinyCifar.Make(folder), "--out", folder["run"], .. CommandRun.Small]);
}
