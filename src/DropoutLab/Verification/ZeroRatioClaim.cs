using DropoutLab.Auditing;
using DropoutLab.Dropout;

namespace DropoutLab.Verification;

/// <summary>Every rule with ratios of 0 gives the plain network's step, bit for bit in every array.</summary>
internal static class ZeroRatioClaim
{
    private static readonly DropoutRule[] Zeros =
    [
        DropoutRule.Standard(0), DropoutRule.Forward(0), DropoutRule.Backward(0),
        DropoutRule.Augmented(0, 0), DropoutRule.AugmentedIndependent(0, 0),
    ];

    public static IEnumerable<ClaimResult> Check(VerifiedSteps steps)
    {
        Measurement differing = new(
            "a ratio of 0 is the plain network", "turning dropout off must turn all of it off", DeviationUnit.Elements, 0);
        IReadOnlyList<LayerAudit> plain = steps.Run(DropoutRule.None);
        foreach (DropoutRule zero in Zeros)
        {
            foreach ((LayerAudit expected, LayerAudit found) in plain.Zip(steps.Run(zero)))
                differing.Add(Differing(found, expected), $"{expected.Name}, {zero}");
        }

        return [differing.Result];
    }

    private static int Differing(LayerAudit found, LayerAudit expected) =>
        Arrays(found).Zip(Arrays(expected), (one, other) => Deviations.DifferingElements(one, other)).Sum();

    private static IEnumerable<double[]> Arrays(LayerAudit layer) =>
    [
        layer.Input.Values, layer.ForwardFactor.Values, layer.BackwardFactor.Values, layer.Output.Values,
        layer.OutputGradient.Values, layer.WeightGradient.Values, layer.BiasGradient?.Values ?? [], layer.InputGradient.Values,
    ];
}
