using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Models;

namespace DropoutLab.Explanations;

/// <summary>
/// A network of two layers, 4 → 4 → 3 with ReLU between, whose dropout is at the second layer's input h. Everything that h is
/// computed from is positive, so that ReLU makes no zeros of its own.
/// </summary>
public sealed class TwoLayerExample
{
    /// <summary>F, the features of a datum, and of the second layer's input.</summary>
    public const int FeatureCount = 4;

    /// <summary>The classes: a logit each.</summary>
    public const int ClassCount = 3;

    /// <summary>The layer whose input is dropped.</summary>
    public const string Site = "fc2";

    private readonly ExampleSteps steps;
    private readonly StepInput input;

    internal TwoLayerExample(ExplanationSettings settings, Backend backend)
    {
        steps = new ExampleSteps(settings, 'h', layer: 1, backend);
        ExampleData data = new(settings.Seed);
        double[] images = data.Positive(ExampleArray.HiddenImages, settings.BatchSize * FeatureCount, largest: 9);
        Dictionary<string, double[]> parameters = new()
        {
            ["fc1.weight"] = data.Positive(ExampleArray.HiddenWeight, FeatureCount * FeatureCount, largest: 9),
            ["fc1.bias"] = data.Positive(ExampleArray.HiddenBias, FeatureCount, largest: 5),
            [$"{Site}.weight"] = data.Signed(ExampleArray.OutputWeight, ClassCount * FeatureCount, largest: 9),
            [$"{Site}.bias"] = data.Signed(ExampleArray.OutputBias, ClassCount, largest: 5),
        };
        input = new StepInput(
            images, data.Labels(settings.BatchSize, ClassCount), settings.Seed, settings.Step, parameters);
    }

    internal RuleStep Step(DropoutRule rule)
    {
        Network network = Mlp.Create(new ImageShape(1, 1, FeatureCount), ClassCount, hidden: FeatureCount);
        DropoutSettings dropout = new(rule, [Site], MaskSharing.PerDatum);
        StepAudit step = steps.Run(network, dropout, input);
        return new RuleStep(rule, new LayerStep(step.Layers.Single(layer => layer.Name == Site)));
    }
}
