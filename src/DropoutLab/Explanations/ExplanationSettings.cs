using DropoutLab.Dropout;

namespace DropoutLab.Explanations;

/// <summary>Which example an explanation computes.</summary>
public sealed record ExplanationSettings
{
    /// <summary>More data than this are no picture any more.</summary>
    public const int LargestBatch = 8;

    /// <summary>p where none is given: half of the features go, which shows best.</summary>
    public const double DefaultRatio = 0.5;

    /// <summary>q where none is given. The poster's 0.0002 would drop nothing in an example of this size.</summary>
    public const double DefaultSecondRatio = 0.25;

    /// <summary>The training step where none is given: one whose masks for seed 1 show a lot.</summary>
    public const uint DefaultStep = 17;

    private readonly IReadOnlyList<MaskElement> maskElements = [];

    /// <param name="seed">What the example's numbers and its masks are drawn from.</param>
    /// <param name="batchSize">The number of data, 1 to <see cref="LargestBatch"/>.</param>
    /// <param name="rule">The rule of the logistic regression.</param>
    /// <param name="ratio">
    /// p of the rules side by side; null for <paramref name="rule"/>'s, or where that has none, the default.
    /// </param>
    /// <param name="step">The number of the training step, which the masks depend on.</param>
    /// <exception cref="DropoutLabException">The batch size or the ratio is out of range.</exception>
    public ExplanationSettings(
        ulong seed, int batchSize, DropoutRule rule, double? ratio = null, uint step = DefaultStep)
    {
        ArgumentNullException.ThrowIfNull(rule);
        if (batchSize is < 1 or > LargestBatch)
            throw new DropoutLabException($"a batch of {batchSize} cannot be explained: use 1 to {LargestBatch} data");
        (Seed, BatchSize, Rule, Step) = (seed, batchSize, rule, step);
        Ratio = DropoutRule.Ratio(ratio ?? (HasFirstMask(rule) ? rule.DropProbability.At(Step) : DefaultRatio));
        SecondRatio = HasSecondMask(rule) ? rule.SecondDropProbability.At(Step) : DefaultSecondRatio;
    }

    /// <summary>What the example's numbers and its masks are drawn from.</summary>
    public ulong Seed { get; }

    /// <summary>The number of data.</summary>
    public int BatchSize { get; }

    /// <summary>The rule of the logistic regression.</summary>
    public DropoutRule Rule { get; }

    /// <summary>The number of the training step, which the masks depend on.</summary>
    public uint Step { get; }

    /// <summary>Elements of the masks that are given, not drawn; none where nothing is said.</summary>
    /// <exception cref="DropoutLabException">One is of a datum that the minibatch does not have.</exception>
    public IReadOnlyList<MaskElement> MaskElements
    {
        get => maskElements;
        init => maskElements = value.FirstOrDefault(element => element.Datum >= BatchSize) is { Datum: > 0 } beyond
            ? throw new DropoutLabException($"'{beyond}' is of datum {beyond.Datum + 1}: the batch has 1 to {BatchSize}")
            : value;
    }

    /// <summary>p of the rules side by side.</summary>
    public double Ratio { get; }

    /// <summary>q of augmented dropout among the rules side by side.</summary>
    public double SecondRatio { get; }

    /// <summary>The poster's five rules: none, standard, forward, backward and augmented.</summary>
    public IReadOnlyList<DropoutRule> RulesSideBySide =>
    [
        DropoutRule.None, DropoutRule.Standard(Ratio), DropoutRule.Forward(Ratio), DropoutRule.Backward(Ratio),
        DropoutRule.Augmented(Ratio, SecondRatio),
    ];

    /// <summary>
    /// Reads a rule as it is written elsewhere, or its name alone: then p is <paramref name="ratio"/> or the default, and q the
    /// default.
    /// </summary>
    /// <exception cref="DropoutLabException">There is no such rule.</exception>
    public static DropoutRule ParseRule(string text, double? ratio)
    {
        ArgumentNullException.ThrowIfNull(text);
        double p = ratio ?? DefaultRatio;
        return text switch
        {
            "standard" => DropoutRule.Standard(p),
            "forward" => DropoutRule.Forward(p),
            "backward" => DropoutRule.Backward(p),
            "augmented" => DropoutRule.Augmented(p, DefaultSecondRatio),
            "augmented-independent" => DropoutRule.AugmentedIndependent(p, DefaultSecondRatio),
            _ => DropoutRule.Parse(text),
        };
    }

    private static bool HasFirstMask(DropoutRule rule) => rule.Kind != DropoutKind.None;

    private static bool HasSecondMask(DropoutRule rule) => rule.Kind is DropoutKind.Augmented or DropoutKind.AugmentedIndependent;
}
