using System.Numerics.Tensors;
using DropoutLab.Auditing;
using DropoutLab.Dropout;

namespace DropoutLab.Verification;

/// <summary>
/// Under every rule, each weight layer drew the masks of the definition and gave what the closed forms give: F and B recomputed
/// from the definition, all else from the arrays that the layer read.
/// </summary>
internal sealed class LayerClaims
{
    private readonly VerifiedSteps steps;
    private readonly Measurement bits = new(
        "engine draws the defined mask bits", "a seed must mean the same everywhere", DeviationUnit.Elements, 0);

    private readonly Measurement output;
    private readonly Measurement weightGradient;
    private readonly Measurement biasGradient;
    private readonly Measurement inputGradient;

    private LayerClaims(VerifiedSteps steps)
    {
        this.steps = steps;
        output = ClosedForm("z = W(h⊙F) + b", "the forward pass sees F");
        weightGradient = ClosedForm("∂J/∂W = ∂J/∂z (h⊙B)ᵀ", "the weights learn from B, not from F");
        biasGradient = ClosedForm("∂J/∂b = Σ ∂J/∂z", "a bias sees no mask");
        inputGradient = ClosedForm("∂J/∂h = Wᵀ ∂J/∂z ⊙ B", "what is dropped gets no error signal");
    }

    public static IEnumerable<ClaimResult> Check(VerifiedSteps steps)
    {
        LayerClaims claims = new(steps);
        foreach (DropoutRule rule in steps.Subject.Rules)
            claims.Add(rule);
        return [claims.bits.Result, claims.output.Result, claims.weightGradient.Result, claims.biasGradient.Result,
            claims.inputGradient.Result];
    }

    private Measurement ClosedForm(string equation, string why) =>
        new(equation, why, DeviationUnit.RelativeToNorm, PrecisionBounds.Of(steps.Subject.Precision));

    private void Add(DropoutRule rule)
    {
        IReadOnlyList<int> dropped = steps.DroppedLayers();
        foreach ((int number, LayerAudit layer) in steps.Run(rule).Index())
        {
            DropoutRule here = dropped.Contains(number) ? rule : DropoutRule.None;
            RecomputedFactors factors = RecomputedFactors.Of(
                here, steps.Subject.Sharing, steps.Subject.Seed, number, VerifiedSteps.Number, layer.Input.Shape);
            Add(layer, factors, $"{layer.Name}, {rule}");
        }
    }

    private void Add(LayerAudit layer, RecomputedFactors factors, string where)
    {
        bits.Add(
            Deviations.DifferingZeros(layer.ForwardFactor.Values, factors.Forward)
                + Deviations.DifferingZeros(layer.BackwardFactor.Values, factors.Backward),
            where);

        PlainLayer plain = new(layer);
        double[] h = layer.Input.Values;
        output.Add(Deviations.RelativeToNorm(layer.Output.Values, plain.Output(Product(h, factors.Forward))), where);
        weightGradient.Add(
            Deviations.RelativeToNorm(layer.WeightGradient.Values, plain.WeightGradient(Product(h, factors.Backward))), where);
        if (layer.BiasGradient is { } found)
            biasGradient.Add(Deviations.RelativeToNorm(found.Values, plain.BiasGradient()), where);
        inputGradient.Add(Deviations.RelativeToNorm(layer.InputGradient.Values, plain.InputGradient(factors.Backward)), where);
    }

    private static double[] Product(double[] left, double[] right)
    {
        double[] product = new double[left.Length];
        TensorPrimitives.Multiply(left, right, product);
        return product;
    }
}
