using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Auditing;

/// <summary>An audit shows the arrays of the step that training computes, and the images' gradient besides.</summary>
public sealed class StepAuditTests
{
    private const int Batch = 3;

    [Theory]
    [InlineData("dense", "standard:0.4")]
    [InlineData("convolutional", "augmented:0.4/0.2")]
    [InlineData("convolutional", "forward:0.4")]
    public void ArraysAreThoseOfATrainingStep(string networkName, string rule)
    {
        Network network = SmallNetworks.ByName(networkName);
        DropoutSettings dropout = new(
            DropoutRule.Parse(rule), [.. network.Sites.Select(site => site.Name)], MaskSharing.PerDatum);
        using Backend backend = TestBackends.Reference();
        using TrainingStep step = new(backend, network, dropout, Batch, Precision.Float64);
        step.Fill(seed: 5);
        step.Plan.Run(seed: 9, step: 4);

        StepAudit audit = StepAudit.Run(network, dropout, InputOf(step), backend, Precision.Float64);

        Assert.Equal(step.Plan.ReadScalar(step.Built.Loss), audit.Loss);
        foreach ((LayerAudit layer, WeightLayerProbe probe) in audit.Layers.Zip(step.Layers))
        {
            Assert.Equal(step.Plan.Read(probe.Layer.Output), layer.Output.Values);
            Assert.Equal(step.Plan.Read(probe.OutputGradient), layer.OutputGradient.Values);
            Assert.Equal(step.Gradient($"{layer.Name}.weight"), layer.WeightGradient.Values);
            if (probe.InputGradient is not null)
                Assert.Equal(step.Plan.Read(probe.InputGradient), layer.InputGradient.Values);
        }
    }

    /// <summary>A training does not compute its gradient; to look at, it is there.</summary>
    [Fact]
    public void AWeightThatIsNotTrainedHasItsGradientToo()
    {
        Network NewNetwork(bool isTrained) => new("own", new ImageShape(1, 1, 3), 3, (builder, images) =>
        {
            Value weight = builder.Parameter(new Parameter("own.weight", new Shape(3, 3), 1, IsTrained: isTrained));
            return builder.WeightLayer("own", Operations.Flatten(images), views => Operations.LinearMap(views, weight, null));
        });
        using Backend backend = TestBackends.Reference();
        AuditedArray GradientOf(Network network) =>
            StepAudit.Run(network, DropoutSettings.None, MadeUpInput.Minibatch(network, 2, seed: 1), backend,
                Precision.Float64).Layers[0].WeightGradient;

        double[] trained = GradientOf(NewNetwork(isTrained: true)).Values;
        Assert.Contains(trained, value => value != 0);
        Assert.Equal(trained, GradientOf(NewNetwork(isTrained: false)).Values);
    }

    [Theory]
    [InlineData("sum",
        "layer own cannot be audited: what it gives is no convolution and no linear map, by parameters, of what it reads")]
    [InlineData("relu",
        "layer own cannot be audited: what it gives is no convolution and no linear map, by parameters, of what it reads")]
    [InlineData("within", "layer own cannot be audited")]
    [InlineData("views", "layer fc cannot be audited: its input has two views before its own dropout")]
    public void ALayerOfOnesOwnThatTheEquationsAreNotOfIsNamed(string kind, string complaint)
    {
        Network network = new("own", new ImageShape(1, 1, 3), 3, (builder, images) =>
        {
            Value h = Operations.Flatten(images);
            h = kind switch
            {
                "relu" => builder.WeightLayer("own", h, Operations.Relu),
                "sum" => builder.WeightLayer("own", h, views => Operations.LinearMap(
                    views, Operations.Add(builder.Parameter(new("a", new Shape(3, 3), 1)),
                        builder.Parameter(new("b", new Shape(3, 3), 1, IsTrained: false))), null)),
                "within" =>
                    builder.WeightLayer("own", h, views => new Linear("inner", 3).Apply(builder, views)),
                _ => Operations.TwoPass(h, Operations.Relu(h)),
            };
            return new Linear("fc", 3).Apply(builder, h);
        });
        using Backend backend = TestBackends.Reference();
        OneLine.Throws(
            () => StepAudit.Run(network, DropoutSettings.None, MadeUpInput.Minibatch(network, 2, seed: 1), backend,
                Precision.Float64), complaint);
    }

    [Fact]
    public void WhatIsNoMinibatchIsNamed()
    {
        Network network = SmallNetworks.Dense;
        StepInput good = MadeUpInput.Minibatch(network, 2, seed: 1);
        using Backend backend = TestBackends.Reference();
        OneLine.Throws(
            () => StepAudit.Run(network, DropoutSettings.None, good with { Labels = [0, 4] }, backend, Precision.Float64),
            "the minibatch has label 4 at image 1: those of 4 classes are 0 to 3");
        good.Images[5] = double.NaN;
        OneLine.Throws(() => StepAudit.Run(network, DropoutSettings.None, good, backend, Precision.Float64),
            "the minibatch has NaN as value 5");
    }

    private static StepInput InputOf(TrainingStep step) => new(
        step.Plan.Read(step.Built.Images), [.. step.Plan.Read(step.Built.Labels).Select(label => (int)label)], Seed: 9, Step: 4,
        step.Store.Parameters.ToDictionary(
            parameter => parameter.Name, parameter => step.Store.Read(parameter.Name, ParameterArray.Value)));
}
