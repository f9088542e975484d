using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Tests.Definitions;

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
        DropoutSettings dropout = new(DropoutRule.Parse(rule), [.. network.Sites.Select(site => site.Name)], MaskSharing.PerDatum);
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

    private static StepInput InputOf(TrainingStep step) => new(
        step.Plan.Read(step.Built.Images), [.. step.Plan.Read(step.Built.Labels).Select(label => (int)label)], Seed: 9, Step: 4,
        step.Store.Parameters.ToDictionary(parameter => parameter.Name, parameter => step.Store.Read(parameter.Name, ParameterArray.Value)));
}
