using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Classification;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Explanations;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Objectives;
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

    /// <summary>Passes of such a network do not differ, and one is enough; nor do they with a ratio of 0.</summary>
    [Theory]
    [InlineData(true, 0.5, false)]
    [InlineData(false, 0.5, true)]
    [InlineData(false, 0, false)]
    public void WhatIsDrawnInTrainingAloneMakesNoPassesThatDiffer(bool inTrainingOnly, double dropProbability, bool differ)
    {
        using Backend backend = TestBackends.Reference();
        Network network = new("own", new ImageShape(1, 1, 6), 3, (builder, rows) =>
        {
            Value h = Operations.Relu(new Linear("fc1", 20).Apply(builder, rows));
            if (builder.IsTraining || !inTrainingOnly)
            {
                MaskSource source = new(1000, 0, dropProbability, MaskSharing.PerDatum);
                h = Operations.Masked(h, Operations.DrawMask(source, h.Shape));
            }

            return new Linear("fc2", 3).Apply(builder, h);
        });
        using Trainer trainer = NewTrainer(network, backend);
        MonteCarloEvaluation evaluation = trainer.EvaluateMonteCarlo(
            trainer.Data.Test, passes: 3, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(differ, evaluation.PassesDiffer);
        Assert.Equal(differ, evaluation.StandardDeviations.ToArray().Any(deviation => deviation > 0));
    }

    /// <summary>
    /// ∂J/∂W of a site whose input has two views is δ(b ⊙ B)ᵀ: that of no dropout is that of a ratio that is 0 so far.
    /// </summary>
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
            Value h = Operations.Relu(new Linear("fc1", 20).Apply(builder, rows));
            h = Operations.TwoPass(
                Operations.Masked(h, Operations.DrawMask(new MaskSource(1000, 0, 0.5, MaskSharing.PerDatum), h.Shape)), h);
            return new Linear("fc2", 3).Apply(builder, h);
        });
        foreach (Backend backend in TestBackends.All())
        {
            using (backend)
            {
                Dictionary<string, double[]> plain = StepGradients.Of(backend, network, Precision.Float32),
                    scheduled = StepGradients.Of(backend, network, Precision.Float32, rule);
                Assert.All(plain, gradient => Assert.Equal(gradient.Value, scheduled[gradient.Key]));
            }
        }
    }

    /// <summary>∂J/∂W = δ(b ⊙ B)ᵀ, where b is the backward view of the input and B that of the site's own dropout.</summary>
    [Theory]
    [InlineData("standard:0.4")]
    [InlineData("forward:0.4")]
    [InlineData("backward:0.4")]
    [InlineData("augmented:0.4/0.2")]
    [InlineData("augmented-independent:0.4/0.2")]
    public void ASitesMasksAreThoseOfItsRuleOnEachView(string text)
    {
        const int Batch = 7, Inputs = 20, Outputs = 3;
        Value? first = null, second = null;
        Network network = new("views", new ImageShape(1, 1, 6), Outputs, (builder, rows) =>
        {
            first = new Linear("fc1", Inputs).Apply(builder, rows);
            second = Operations.Relu(first);
            return new Linear("fc2", Outputs).Apply(builder, Operations.TwoPass(first, second));
        });
        DropoutRule rule = DropoutRule.Parse(text);
        Classified built = Classified.Build(network, Batch, new DropoutSettings(rule, ["fc2"], MaskSharing.PerDatum));
        (Value a, Value b) = (first!, second!);
        Value[] masks = [.. TopologicalOrder.Of([built.Loss], needsBackwardViews: true).Where(value => value.Operator is DrawMask)
            .OrderBy(value => ((DrawMask)value.Operator).Mask.Which)];
        Differentiation differentiation = new(built.Loss);
        Value delta = differentiation.Of(built.Logits)!;
        using Backend backend = TestBackends.Reference();
        using ParameterStore store = new(network.Parameters, Precision.Float64);
        store.Initialise(seed: 1);
        using Plan plan = backend.Compile(
            PlanRequest.Train(differentiation, [built.Loss], [a, b, built.Logits, delta, .. masks], store), Precision.Float64);
        plan.Write(built.Images, [.. Enumerable.Range(0, built.Images.Shape.Count).Select(i => i * 37 % 23 / 8.0 - 1)]);
        plan.Write(built.Labels, (int[])[0, 1, 2, 0, 1, 2, 0]);
        plan.Run(seed: 5);

        double[][] kept = [.. masks.Select(
            mask => Array.ConvertAll(plan.Read(mask), bit => bit / (1 - ((DrawMask)mask.Operator).Mask.DropProbability.At(0))))];
        double[] ones = [.. Enumerable.Repeat(1.0, Batch * Inputs)];
        (double[] forward, double[] backward) = rule.Kind switch
        {
            DropoutKind.Standard => (kept[0], kept[0]),
            DropoutKind.Forward => (kept[0], ones),
            DropoutKind.Backward => (ones, kept[0]),
            DropoutKind.Augmented => (kept[0], [.. kept[0].Zip(kept[1], (one, other) => one * other)]),
            _ => (kept[0], kept[1]),
        };
        double[] seen = plan.Read(a), seenBack = plan.Read(b), signal = plan.Read(delta), logits = plan.Read(built.Logits);
        double[] weight = store.Read("fc2.weight", ParameterArray.Value),
            gradient = store.Read("fc2.weight", ParameterArray.Gradient);
        for (int o = 0; o < Outputs; o++)
        {
            for (int n = 0; n < Batch; n++)
                Assert.Equal(
                    Enumerable.Range(0, Inputs).Sum(i => seen[n * Inputs + i] * forward[n * Inputs + i] * weight[o * Inputs + i]),
                    logits[n * Outputs + o], 1e-12);
            for (int i = 0; i < Inputs; i++)
                Assert.Equal(
                    Enumerable.Range(0, Batch)
                        .Sum(n => signal[n * Outputs + o] * seenBack[n * Inputs + i] * backward[n * Inputs + i]),
                        gradient[o * Inputs + i], 1e-12);
        }
    }

    [Fact]
    public void WhatIsNormalisedHasOneView()
    {
        DropoutLabException error = Assert.Throws<DropoutLabException>(
            () => new Network("views", new ImageShape(1, 1, 6), 6, (builder, rows) =>
            new BatchNorm("norm")
                .Apply(builder, Operations.TwoPass(Operations.Flatten(rows), Operations.Relu(Operations.Flatten(rows))))));
        Assert.StartsWith("layer norm: what is normalised cannot have two views", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AConvolutionIsNoLinearLayerToExplain()
    {
        Network network = SmallNetworks.ByName("convolutional");
        using Backend backend = TestBackends.Reference();
        StepAudit audit = StepAudit.Run(
            network, DropoutSettings.None, MadeUpInput.Minibatch(network, 2, seed: 1), backend, Precision.Float64);

        Assert.Throws<ArgumentException>(() => new LayerStep(audit.Layers.First(layer => layer.IsConvolution)));
        Assert.InRange(new LayerStep(audit.Layers.First(layer => !layer.IsConvolution)).LargestDeviation, 0, 1e-12);
    }

    private static Network Small(bool dropsItself) => new("small", new ImageShape(1, 1, 6), 3, (builder, rows) =>
    {
        Value h = Operations.Relu(new Linear("fc1", 20).Apply(builder, rows));
        if (dropsItself && builder.IsTraining)
            h = Operations.Masked(h, Operations.DrawMask(new MaskSource(1000, 0, 0.5, MaskSharing.PerDatum), h.Shape));
        return new Linear("fc2", 3).Apply(builder, h);
    });

    private static Trainer NewTrainer(Network network, Backend backend)
    {
        float[] values = [.. Enumerable.Range(0, 10 * 6).Select(i => i * 37 % 11 / 5f)];
        ImageSet rows = ImageSet.OfTable(6, values, new byte[] { 0, 1, 2, 0, 1, 2, 0, 1, 2, 0 });
        return new Trainer(
            network, new CrossEntropy(), new ImageDataset("rows", ["a", "b", "c"], rows, rows).Batches(PixelScaling.None),
            new TrainingOptions(), backend);
    }
}
