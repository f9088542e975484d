using DropoutLab.Dropout;
using DropoutLab.Graph;
using static DropoutLab.Graph.Operations;

namespace DropoutLab.Layers;

/// <summary>
/// What a weight layer reads instead of its input h under each rule. With z = W(h ⊙ F) + b, ∂J/∂W = δ(h ⊙ B)ᵀ and
/// ∂J/∂h = Wᵀδ ⊙ B, the forward view is h ⊙ F and the backward view h ⊙ B.
/// What a network applies itself stays in evaluation too unless it asks <see cref="NetworkBuilder.IsTraining"/>; layers named in
/// <see cref="DropoutSettings"/> need not.
/// Source: Gao, Pei and Huang, "Demystifying Dropout", ICML 2019, definitions 1 and 2.
/// </summary>
public static class DropoutViews
{
    /// <summary>The views with masks that are drawn.</summary>
    /// <param name="h">The layer's input.</param>
    /// <param name="rule">The dropout rule.</param>
    /// <param name="layer">The site's number, which its masks depend on.</param>
    /// <param name="sharing">Which elements of h share a draw.</param>
    public static Value Apply(Value h, DropoutRule rule, int layer, MaskSharing sharing) =>
        Apply(h, rule, (which, dropProbability) => DrawMask(new MaskSource(layer, which, dropProbability, sharing), h.Shape));

    /// <summary>The views with masks from anywhere.</summary>
    /// <param name="h">The layer's input.</param>
    /// <param name="rule">The dropout rule.</param>
    /// <param name="mask">
    /// Makes the mask of h's shape that the rule needs: 0 for its first, 1 for its second, and the probability of 0.
    /// </param>
    public static Value Apply(Value h, DropoutRule rule, Func<int, RatioSchedule, Value> mask)
    {
        return rule.Kind switch
        {
            DropoutKind.None => h,
            DropoutKind.Standard => First(h),
            DropoutKind.Forward => TwoPass(First(h), h),
            DropoutKind.Backward => TwoPass(h, First(h)),
            DropoutKind.Augmented => Nested(First(h)),
            DropoutKind.AugmentedIndependent => TwoPass(First(h), Second(h)),
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule.Kind, "no such rule"),
        };

        Value Nested(Value dropped) => TwoPass(dropped, Second(dropped));
        Value First(Value x) => Drop(x, 0, rule.DropProbability);
        Value Second(Value x) => Drop(x, 1, rule.SecondDropProbability);

        // A ratio that is always 0 is the plain network to the bit: nothing is drawn and nothing multiplied.
        Value Drop(Value x, int which, RatioSchedule dropProbability) => dropProbability.IsZero
            ? x
            : Masked(x, mask(which, dropProbability));
    }
}
