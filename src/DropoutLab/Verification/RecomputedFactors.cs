using DropoutLab.Dropout;
using DropoutLab.Graph;

namespace DropoutLab.Verification;

/// <summary>
/// F and B of a weight layer's input from the definitions of rule and mask alone, <see cref="DropoutRule"/> and
/// <see cref="MaskStream.Keeps"/>, feature by feature. Nothing here is shared with what computes a step.
/// </summary>
internal sealed record RecomputedFactors(double[] Forward, double[] Backward)
{
    /// <param name="rule">The rule at this layer's input; none where the layer is no chosen site.</param>
    /// <param name="sharing">Which data share a draw.</param>
    /// <param name="seed">The step's seed.</param>
    /// <param name="layer">The layer's number within the network.</param>
    /// <param name="step">The step's number.</param>
    /// <param name="shape">The input's shape, the batch first.</param>
    public static RecomputedFactors Of(DropoutRule rule, MaskSharing sharing, ulong seed, int layer, uint step, Shape shape)
    {
        double[] one = new double[shape.Count];
        Array.Fill(one, 1);
        return rule.Kind switch
        {
            DropoutKind.None => new(one, one),
            DropoutKind.Standard => new(First(), First()),
            DropoutKind.Forward => new(First(), one),
            DropoutKind.Backward => new(one, First()),
            DropoutKind.Augmented => new(First(), [.. First().Zip(Second(), (first, second) => first * second)]),
            DropoutKind.AugmentedIndependent => new(First(), Second()),
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule.Kind, "no such rule"),
        };

        double[] First() => Scaled(new MaskStream(seed, layer, 0, step, rule.DropProbability.At(step)), sharing, shape);
        double[] Second() => Scaled(new MaskStream(seed, layer, 1, step, rule.SecondDropProbability.At(step)), sharing, shape);
    }

    /// <summary>ε / (1 − p).</summary>
    private static double[] Scaled(MaskStream stream, MaskSharing sharing, Shape shape)
    {
        double[] factor = new double[shape.Count];
        for (int element = 0; element < factor.Length; element++)
        {
            (uint datum, int feature) = ObservedMask.DrawOf(sharing, shape, element);
            factor[element] = stream.Keeps(datum, feature) ? 1 / (1 - stream.DropProbability) : 0;
        }

        return factor;
    }
}
