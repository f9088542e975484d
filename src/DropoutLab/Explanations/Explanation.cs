using DropoutLab.Backends;
using DropoutLab.Backends.Reference;
using DropoutLab.Dropout;

namespace DropoutLab.Explanations;

/// <summary>
/// What dropout does in a minibatch, on examples small enough to look at every number: training steps of this engine, in 64 bits.
/// </summary>
/// <remarks>Source of the rules: Gao, Pei, Huang, "Demystifying Dropout", ICML 2019.</remarks>
public sealed class Explanation
{
    private Explanation(ExplanationSettings settings, Backend backend)
    {
        Settings = settings;
        Example = new LogisticRegressionExample(settings, backend);
        BatchOfOne = Example.Step(1, DropoutRule.None, MaskSharing.PerDatum);
        Minibatch = Example.Step(settings.BatchSize, DropoutRule.None, MaskSharing.PerDatum);
        MaskPerDatum = Example.Step(settings.BatchSize, settings.Rule, MaskSharing.PerDatum);
        MaskPerMinibatch = Example.Step(settings.BatchSize, settings.Rule, MaskSharing.PerMinibatch);
        Thinned = new ThinnedComparison(
            MaskPerDatum, [.. Enumerable.Range(0, settings.BatchSize).Select(datum => Example.StepAlone(MaskPerDatum, datum))]);
        TwoLayerExample network = new(settings, backend);
        Rules = [.. settings.RulesSideBySide.Select(network.Step)];
    }

    /// <summary>What the examples were made by.</summary>
    public ExplanationSettings Settings { get; }

    /// <summary>The logistic regression's minibatch.</summary>
    public LogisticRegressionExample Example { get; }

    /// <summary>The first datum alone, without dropout.</summary>
    public LayerStep BatchOfOne { get; }

    /// <summary>The minibatch without dropout.</summary>
    public LayerStep Minibatch { get; }

    /// <summary>The minibatch under the rule, a mask for each datum.</summary>
    public LayerStep MaskPerDatum { get; }

    /// <summary>The minibatch under the rule, one mask for all.</summary>
    public LayerStep MaskPerMinibatch { get; }

    /// <summary>The minibatch's gradient beside those of the data's thinned networks.</summary>
    public ThinnedComparison Thinned { get; }

    /// <summary>The poster's rules on the two-layer network, with the same masks.</summary>
    public IReadOnlyList<RuleStep> Rules { get; }

    /// <summary>Whether F = B: the backward pass sees what the forward pass saw.</summary>
    public bool SameMaskInBothPasses =>
        MaskPerDatum.Audit.ForwardFactor.Values.AsSpan().SequenceEqual(MaskPerDatum.Audit.BackwardFactor.Values);

    /// <summary>Runs every example; a few milliseconds.</summary>
    public static Explanation Compute(ExplanationSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        using ReferenceBackend backend = new(threads: 1);
        return new Explanation(settings, backend);
    }
}
