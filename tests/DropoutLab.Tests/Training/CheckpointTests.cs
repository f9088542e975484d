using DropoutLab.Backends;
using DropoutLab.Classification;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Optimization;
using DropoutLab.Runs;
using DropoutLab.Storage;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Storage;
using DropoutLab.Training;

namespace DropoutLab.Tests.Training;

/// <summary>Networks of one's own are saved, gone on with and predicted with as the command's are.</summary>
public sealed class CheckpointTests : IDisposable
{
    private static readonly string[] Names = ["north", "east", "south", "west"];

    private readonly TemporaryFolder folder = new();
    private readonly Backend backend = TestBackends.Reference();

    private string File => folder["own.safetensors"];

    public void Dispose()
    {
        backend.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void ATrainingGoesOnToTheSameBits()
    {
        using Trainer whole = NewTrainer(SmallNetworks.Residual);
        Train(whole, epochs: 1);
        Checkpoint.Write(File, whole);
        Train(whole, epochs: 2);

        using Trainer resumed = NewTrainer(SmallNetworks.Residual);
        Checkpoint.Restore(File, resumed);
        Assert.Equal(1, resumed.CompletedEpochs);
        Train(resumed, epochs: 2);

        Assert.Equal(StateOf(whole), StateOf(resumed));
    }

    [Fact]
    public void ANetworkPredictsWithoutItsTrainingImages()
    {
        using Trainer trainer = NewTrainer(SmallNetworks.Residual);
        Train(trainer, epochs: 1);
        Checkpoint.Write(File, trainer);

        using Predictor predictor = Predictor.Open(File, SmallNetworks.Residual, backend);

        Assert.Equal(Names, predictor.ClassNames);
        Assert.Equal(SmallNetworks.Residual.Input.Datum, predictor.Input);
        Assert.Equal(
            trainer.Predict(trainer.Data.Test, TestContext.Current.CancellationToken).ToArray(),
            predictor.Predict(((ImageBatches)trainer.Data.Test).Images, TestContext.Current.CancellationToken).ToArray());
        Assert.Throws<DropoutLabException>(() => Predictor.Open(File, SmallNetworks.Residual, backend, Precision.BFloat16));
    }

    [Fact]
    public void ParametersAloneAreTrainedFurtherOnOtherImages()
    {
        using Trainer trainer = NewTrainer(SmallNetworks.Residual);
        Train(trainer, epochs: 1);
        Checkpoint.Write(File, trainer);
        ImageSet others = new(6, 5, 3, new byte[2 * 6 * 5 * 3], new byte[2]);

        using Trainer further = new(
            SmallNetworks.Residual, new CrossEntropy(),
            new ImageDataset("others", Names, others, others).Batches(PixelScaling.MeanImage), trainer.Options, backend);
        Assert.Throws<DropoutLabException>(() => Checkpoint.Restore(File, further));
        Checkpoint.RestoreParameters(File, further);

        Assert.Equal(0, further.CompletedEpochs);
        foreach (Parameter parameter in SmallNetworks.Residual.Parameters)
        {
            Assert.Equal(trainer.Parameters.Read(parameter.Name, ParameterArray.Value),
                further.Parameters.Read(parameter.Name, ParameterArray.Value));
            if (parameter.IsTrained)
                Assert.All(further.Parameters.Read(parameter.Name, new ParameterArray(Sgd.MomentumState)),
                    value => Assert.Equal(0, value));
        }
    }

    /// <summary>Nothing of a file goes into a trainer that does not take all of it.</summary>
    [Theory]
    [InlineData("other", 7, 5, true, "is a checkpoint of the model dense, not of other")]
    [InlineData("dense", 7, 6, true, "holds 'fc2.weight' as F32 [5, 7]")]
    [InlineData("dense", 7, 5, false, "holds 'fc2.bias', which dense does not have")]
    public void AnotherNetworkIsNamed(string name, int first, int second, bool secondHasBias, string complaint)
    {
        using (Trainer dense = NewTrainer(SmallNetworks.Dense))
            Checkpoint.Write(File, dense);
        Network other = new(name, SmallNetworks.Dense.Input.Datum, 4, (builder, images) =>
        {
            Value h = new Linear("fc1", first).Apply(builder, images);
            h = new Linear("fc2", second) { HasBias = secondHasBias }.Apply(builder, h);
            return new Linear("fc3", 4).Apply(builder, h);
        });
        using Trainer trainer = NewTrainer(other);
        Train(trainer, epochs: 1);
        float[][] before = StateOf(trainer);

        OneLine.Throws(() => Checkpoint.Restore(File, trainer), File, complaint);
        OneLine.Throws(() => Predictor.Open(File, other, backend), File, complaint);
        Assert.Equal(1, trainer.CompletedEpochs);
        Assert.Equal(before, StateOf(trainer));
    }

    /// <summary>Who predicts does not ask after which epoch.</summary>
    [Theory]
    [InlineData("checksum", "is damaged: it has no checksum")]
    [InlineData("format", "is no checkpoint of this program: its format is not dropoutlab-checkpoint-1")]
    [InlineData("epoch", "does not say after which epoch it was written")]
    public void WhatEveryCheckpointSaysIsAskedFor(string entry, string complaint)
    {
        using Trainer trainer = NewTrainer(SmallNetworks.Dense);
        Checkpoint.Write(File, trainer);
        Unsay(entry);
        Train(trainer, epochs: 1);
        float[][] before = StateOf(trainer);

        OneLine.Throws(() => Checkpoint.Restore(File, trainer), File, complaint);
        Assert.Equal(1, trainer.CompletedEpochs);
        Assert.Equal(before, StateOf(trainer));
        if (entry == "epoch")
            Predictor.Open(File, SmallNetworks.Dense, backend).Dispose();
        else
            OneLine.Throws(() => Predictor.Open(File, SmallNetworks.Dense, backend), File, complaint);
    }

    [Fact]
    public void AnotherDataSetIsNamed()
    {
        using (Trainer trainer = NewTrainer(SmallNetworks.Dense))
            Checkpoint.Write(File, trainer);
        using Trainer other = NewTrainer(SmallNetworks.Dense, "others");
        using Trainer brighter = NewTrainer(SmallNetworks.Dense, brightness: 1);

        OneLine.Throws(() => Checkpoint.Restore(File, other), File, "of the dataset made-up, not of others");
        OneLine.Throws(() => Checkpoint.Restore(File, brighter), File, "was trained on other data",
            "the training and test sets of made-up had");
    }

    /// <summary>Data that are made in code are known by their digests as well.</summary>
    [Fact]
    public void OtherLabelsOfTheSameImagesAreNamed()
    {
        using Trainer trainer = NewTrainer(SmallNetworks.Dense);
        Checkpoint.Write(File, trainer);
        ImageSet train = ((ImageBatches)trainer.Data.Train).Images, set = ((ImageBatches)trainer.Data.Test).Images;
        byte[] labels = [.. set.Labels.ToArray().Select(label => (byte)((label + 1) % Names.Length))];
        ImageDataset relabelled = new(
            "made-up", Names, train, new ImageSet(set.Height, set.Width, set.Channels, set.Pixels, labels));
        using Trainer other = new(
            SmallNetworks.Dense, new CrossEntropy(), relabelled.Batches(PixelScaling.MeanImage), trainer.Options, backend);

        OneLine.Throws(
            () => Checkpoint.Restore(File, other), File, "the test set of made-up had other data",
            trainer.Data.Digests!.Test, other.Data.Digests!.Test);
        Checkpoint.RestoreParameters(File, other);
    }

    [Fact]
    public void APixelScalingThatIsAnotherIsNamed()
    {
        using (Trainer trainer = NewTrainer(SmallNetworks.Dense))
            Checkpoint.Write(File, trainer);
        using Trainer scaled = NewTrainer(SmallNetworks.Dense, scaling: PixelScaling.PerChannel);

        OneLine.Throws(() => Checkpoint.Restore(File, scaled), File, "another scaling of them");
    }

    /// <summary>Before the first step, where a run asks, and whenever it is to be written.</summary>
    [Theory]
    [InlineData("momentum/fc1", "own cannot be saved: momentum/fc1.weight")]
    [InlineData("fc?", "has half a character, which no file can hold")]
    public void ANameThatNoCheckpointCanHoldIsNamed(string layer, string complaint)
    {
        Network network = new("own", SmallNetworks.Dense.Input.Datum, 4, (builder, images) =>
            new Linear(layer.Replace('?', '\ud800'), 4).Apply(
                builder, new Linear("fc1", 5).Apply(builder, images)));
        using Trainer trainer = NewTrainer(network);

        OneLine.Throws(() => Checkpoint.RequireHoldable(trainer), complaint);
        OneLine.Throws(() => Checkpoint.Write(File, trainer), complaint);
        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public void AnEpochThatWasBrokenOffIsNotWritten()
    {
        using Trainer trainer = NewTrainer(SmallNetworks.Dense);
        Assert.Throws<OperationCanceledException>(() => trainer.RunEpoch(cancellation: new CancellationToken(canceled: true)));

        Assert.Throws<InvalidOperationException>(() => Checkpoint.Write(File, trainer));
        Assert.False(System.IO.File.Exists(File));
    }

    private static void Train(Trainer trainer, int epochs)
    {
        for (int i = 0; i < epochs; i++)
            trainer.RunEpoch(cancellation: TestContext.Current.CancellationToken);
    }

    /// <summary>Takes an entry of the metadata out of the file, or says another format.</summary>
    private void Unsay(string entry)
    {
        if (entry == "checksum")
        {
            byte[] bytes = System.IO.File.ReadAllBytes(File);
            int begin = bytes.AsSpan().IndexOf(",\"sha256\":\""u8);
            Assert.InRange(begin, 1, bytes.Length);
            bytes.AsSpan(begin, ",\"sha256\":\"\"".Length + 64).Fill((byte)' ');
            System.IO.File.WriteAllBytes(File, bytes);
            Assert.False(SafetensorsFile.Read(File).HasChecksum);
            return;
        }

        SafetensorsFile now = SafetensorsFile.Read(File);
        Dictionary<string, string> metadata = new(now.Metadata);
        Assert.True(metadata.Remove(entry));
        if (entry == "format")
            metadata.Add(entry, "dropoutlab-checkpoint-2");
        SafetensorsFile.Write(File, now.Arrays, metadata);
    }

    /// <summary>Every parameter and momentum.</summary>
    private static float[][] StateOf(Trainer trainer) =>
    [
        .. trainer.Parameters.Parameters.Select(parameter => trainer.Parameters.ReadSingle(parameter.Name, ParameterArray.Value)),
        .. trainer.Parameters.Parameters.Where(parameter => parameter.IsTrained)
            .Select(parameter => trainer.Parameters.ReadSingle(parameter.Name, new ParameterArray(Sgd.MomentumState))),
    ];

    private Trainer NewTrainer(
        Network network, string data = "made-up", int brightness = 0, PixelScaling scaling = PixelScaling.MeanImage)
    {
        (int height, int width, int channels) = (network.Input.Datum[0], network.Input.Datum[1], network.Input.Datum[2]);
        byte[] pixels = [.. Enumerable.Range(0, 8 * height * width * channels).Select(i => (byte)(brightness + i * 37 % 251))];
        ImageSet images = new(height, width, channels, pixels, new byte[] { 0, 1, 2, 3, 0, 1, 2, 3 });
        TrainingOptions options =
            new() { Dropout = new DropoutSettings(DropoutRule.Standard(0.5)), BatchSize = 3, Epochs = 4, Seed = 7 };
        return new Trainer(
            network, new CrossEntropy(), new ImageDataset(data, Names, images, images).Batches(scaling), options, backend);
    }
}
