using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;

namespace DropoutLab.Explanations;

/// <summary>A logistic regression of 6 features and 3 classes, whose dropout is at the features themselves.</summary>
public sealed class LogisticRegressionExample
{
    /// <summary>F, the features of a datum.</summary>
    public const int FeatureCount = 6;

    /// <summary>The classes: a logit each.</summary>
    public const int ClassCount = 3;

    private const string Layer = "fc";
    private const string WeightName = $"{Layer}.weight";
    private const string BiasName = $"{Layer}.bias";

    private readonly ExplanationSettings settings;
    private readonly ExampleSteps steps;
    private readonly double[] weight;
    private readonly double[] bias;

    internal LogisticRegressionExample(ExplanationSettings settings, Backend backend)
    {
        this.settings = settings;
        steps = new ExampleSteps(settings, 'x', layer: 0, backend);
        ExampleData data = new(settings.Seed);
        Images = data.Signed(ExampleArray.Images, settings.BatchSize * FeatureCount, largest: 20);
        Labels = data.Labels(settings.BatchSize, ClassCount);
        weight = data.Signed(ExampleArray.Weight, ClassCount * FeatureCount, largest: 9);
        bias = data.Signed(ExampleArray.Bias, ClassCount, largest: 5);
    }

    /// <summary>X, [N, 6] in row-major order.</summary>
    public double[] Images { get; }

    /// <summary>The class of each datum.</summary>
    public int[] Labels { get; }

    /// <summary>One step over the first <paramref name="count"/> data.</summary>
    internal LayerStep Step(int count, DropoutRule rule, MaskSharing sharing) => new(Audit(
        FeatureCount, new DropoutSettings(rule, SiteSelection.All, sharing),
        Images[..(count * FeatureCount)], Labels[..count], weight).Layers[0]);

    /// <summary>
    /// One step over a datum alone, in a network that has only the features which the datum kept in the minibatch.
    /// </summary>
    internal ThinnedGradient StepAlone(LayerStep minibatch, int datum)
    {
        IReadOnlyList<int> kept = minibatch.KeptFeatures(datum);
        double[] view = minibatch.ForwardView.Datum(datum).ToArray();
        // A layer has at least one input: where all features were dropped, one that is always 0.
        StepAudit step = kept.Count > 0
            ? Audit(kept.Count, DropoutSettings.None, [.. kept.Select(feature => view[feature])], [Labels[datum]], Columns(kept))
            : Audit(1, DropoutSettings.None, [0], [Labels[datum]], new double[ClassCount]);
        LayerAudit layer = step.Layers[0];
        return new ThinnedGradient(kept, step.Loss, MapBack(layer.WeightGradient, kept), layer.BiasGradient!);
    }

    private static Network Create(int featureCount) => new(
        "logistic-regression", new ImageShape(1, 1, featureCount), ClassCount,
        (builder, images) => new Linear(Layer, ClassCount).Apply(builder, Operations.Flatten(images)));

    private StepAudit Audit(int featureCount, DropoutSettings dropout, double[] images, int[] labels, double[] weights)
    {
        Dictionary<string, double[]> parameters = new() { [WeightName] = weights, [BiasName] = bias };
        return steps.Run(
            Create(featureCount), dropout, new StepInput(images, labels, settings.Seed, settings.Step, parameters));
    }

    private double[] Columns(IReadOnlyList<int> kept) =>
        [.. Enumerable.Range(0, ClassCount).SelectMany(o => kept.Select(i => weight[o * FeatureCount + i]))];

    private static AuditedArray MapBack(AuditedArray gradient, IReadOnlyList<int> kept)
    {
        double[] whole = new double[ClassCount * FeatureCount];
        for (int o = 0; o < ClassCount; o++)
            for (int k = 0; k < kept.Count; k++)
                whole[o * FeatureCount + kept[k]] = gradient.Values[o * kept.Count + k];
        return new AuditedArray(new Shape(ClassCount, FeatureCount), whole);
    }
}
