using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Dropout;
using DropoutLab.Explanations;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Tests.Definitions;
using DropoutLab.Training;

namespace DropoutLab.Tests.Models;

/// <summary>Dropout that a network applies itself, where it asks whether it is trained.</summary>
public sealed class OwnDropoutTests
{
    [Fact]
    public void ItIsThereInTrainingAlone()
    {
        using Backend backend = TestBackends.Reference();
        using Trainer own = NewTrainer(Small(dropsItself: true), backend), plain = NewTrainer(Small(dropsItself: false), backend);
        CancellationToken cancellation = TestContext.Current.CancellationToken;

        Assert.Equal(plain.Evaluate(plain.Data.Test, cancellation), own.Evaluate(own.Data.Test, cancellation));
        Assert.Equal(
            plain.EvaluateMonteCarlo(plain.Data.Test, passes: 2, cancellation: cancellation).MeanPrediction,
            own.EvaluateMonteCarlo(own.Data.Test, passes: 2, cancellation: cancellation).MeanPrediction);
        Assert.NotEqual(plain.RunEpoch(cancellation: cancellation).TrainLoss, own.RunEpoch(cancellation: cancellation).TrainLoss);
    }

    /// <summary>∂J/∂W of a site whose input has two views is δ(b ⊙ B)ᵀ: that of no dropout is that of a ratio that is 0 so far.</summary>
    [Theory]
    [InlineData("standard:0..0.3@10")]
    [InlineData("backward:0..0.3@10")]
    [InlineData("forward:0..0.3@10")]
    [InlineData("augmented:0..0.3@10/0..0.2@10")]
    [InlineData("augmented-independent:0..0.3@10/0..0.2@10")]
    public void ASiteBehindItKeepsTheBackwardView(string rule)
    {
        Network network = new("views", new ImageShape(1, 1, 6), 3, (builder, rows) =>
        {
            Value h = Operations.Relu(new DropoutLab.Layers.Linear("fc1", 20).Apply(builder, rows));
            h = Operations.TwoPass(Operations.Masked(h, Operations.DrawMask(new MaskSource(1000, 0, 0.5, MaskSharing.PerDatum), h.Shape)), h);
            return new DropoutLab.Layers.Linear("fc2", 3).Apply(builder, h);
        });
        foreach (Backend backend in TestBackends.All())
        {
            using (backend)
            {
                Dictionary<string, double[]> plain = StepGradients.Of(backend, network, Precision.Float32), scheduled = StepGradients.Of(backend, network, Precision.Float32, rule);
                Assert.All(plain, gradient => Assert.Equal(gradient.Value, scheduled[gradient.Key]));
            }
        }
    }

    [Fact]
    public void WhatIsNormalisedHasOneView()
    {
        DropoutLabException error = Assert.Throws<DropoutLabException>(() => new Network("views", new ImageShape(1, 1, 6), 6, (builder, rows) =>
            new BatchNorm2d("norm").Apply(builder, Operations.TwoPass(Operations.Flatten(rows), Operations.Relu(Operations.Flatten(rows))))));
        Assert.StartsWith("layer norm: what is normalised cannot have two views", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AConvolutionIsNoLinearLayerToExplain()
    {
        Network network = SmallNetworks.ByName("convolutional");
        using Backend backend = TestBackends.Reference();
        StepAudit audit = StepAudit.Run(network, DropoutSettings.None, MadeUpInput.Minibatch(network, 2, seed: 1), backend, Precision.Float64);

        Assert.Throws<ArgumentException>(() => new LayerStep(audit.Layers.First(layer => layer.IsConvolution)));
        Assert.InRange(new LayerStep(audit.Layers.First(layer => !layer.IsConvolution)).LargestDeviation, 0, 1e-12);
    }

    private static Network Small(bool dropsItself) => new("small", new ImageShape(1, 1, 6), 3, (builder, rows) =>
    {
        Value h = Operations.Relu(new DropoutLab.Layers.Linear("fc1", 20).Apply(builder, rows));
        if (dropsItself && builder.IsTraining)
            h = Operations.Masked(h, Operations.DrawMask(new MaskSource(1000, 0, 0.5, MaskSharing.PerDatum), h.Shape));
        return new DropoutLab.Layers.Linear("fc2", 3).Apply(builder, h);
    });

    private static Trainer NewTrainer(Network network, Backend backend)
    {
        float[] values = [.. Enumerable.Range(0, 10 * 6).Select(i => i * 37 % 11 / 5f)];
        ImageSet rows = ImageSet.OfTable(6, values, new byte[] { 0, 1, 2, 0, 1, 2, 0, 1, 2, 0 });
        return new Trainer(network, new ImageDataset("rows", ["a", "b", "c"], rows, rows), new TrainingOptions { PixelScaling = PixelScaling.None }, backend);
    }
}
