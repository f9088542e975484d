using DropoutLab.Auditing;
using DropoutLab.Dropout;

namespace DropoutLab.Explanations;

/// <summary>A linear layer in one audited step, and what follows from its arrays.</summary>
public sealed record LayerStep
{
    /// <param name="audit">The arrays, as the engine computed them.</param>
    /// <exception cref="ArgumentException">They are a convolution's.</exception>
    public LayerStep(LayerAudit audit)
    {
        if (audit.IsConvolution)
            throw new ArgumentException($"{audit.Name} is a convolution: the equations here are a linear layer's", nameof(audit));
        Audit = audit;
        ForwardView = Matrices.Times(audit.Input, audit.ForwardFactor);
        BackwardView = Matrices.Times(audit.Input, audit.BackwardFactor);
    }

    /// <summary>The arrays, as the engine computed them.</summary>
    public LayerAudit Audit { get; }

    /// <summary>N, the data of the minibatch.</summary>
    public int BatchSize => Audit.Input.Shape[0];

    /// <summary>h ⊙ F, what z = W (h ⊙ F) + b read.</summary>
    public AuditedArray ForwardView { get; }

    /// <summary>h ⊙ B, what ∂J/∂W = δ (h ⊙ B)ᵀ read.</summary>
    public AuditedArray BackwardView { get; }

    /// <summary>The largest |∂J/∂W − δ (h ⊙ B)ᵀ|: the rounding of the numbers.</summary>
    public double LargestDeviation =>
        Matrices.LargestMagnitude(Matrices.Minus(Audit.WeightGradient, Gradient(BackwardView)));

    /// <summary>
    /// δ (h ⊙ F)ᵀ: what ∂J/∂W would be if a layer in front masked what passes it, and the weight layer knew nothing of that.
    /// </summary>
    public AuditedArray GradientBehindMaskLayer => Gradient(ForwardView);

    /// <summary>The largest |δ (h ⊙ F)ᵀ − δ (h ⊙ B)ᵀ|: 0 where the two views are the same.</summary>
    public double ErrorBehindMaskLayer =>
        Matrices.LargestMagnitude(Matrices.Minus(GradientBehindMaskLayer, Gradient(BackwardView)));

    /// <summary>δₙ (hₙ ⊙ Bₙ)ᵀ: a datum's part of ∂J/∂W.</summary>
    public AuditedArray Contribution(int datum) => Matrices.OuterSum(Audit.OutputGradient, BackwardView, datum);

    /// <summary>The features, counted from 0, that the forward pass multiplies by something other than 0.</summary>
    public IReadOnlyList<int> KeptFeatures(int datum)
    {
        double[] factors = Audit.ForwardFactor.Datum(datum).ToArray();
        return [.. Enumerable.Range(0, factors.Length).Where(feature => factors[feature] != 0)];
    }

    private AuditedArray Gradient(AuditedArray view) =>
        Matrices.OuterSum(Audit.OutputGradient, view, Enumerable.Range(0, BatchSize));
}

/// <summary>The second layer of the small network under one rule.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Layer">The layer whose input is dropped.</param>
public sealed record RuleStep(DropoutRule Rule, LayerStep Layer);
