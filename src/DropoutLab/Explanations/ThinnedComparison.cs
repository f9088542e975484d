using DropoutLab.Auditing;
using DropoutLab.Graph;

namespace DropoutLab.Explanations;

/// <summary>
/// One backward pass over the minibatch beside one backward pass in each datum's own thinned network. With J the mean over N
/// data,
/// <code>
/// ∂J/∂W = (1/N) Σₙ Gₙ + Σₙ δₙ (hₙ ⊙ (Bₙ − Fₙ))ᵀ
/// </code>
/// where Gₙ is the gradient of datum n's thinned network. The last term is 0 where both passes have the same mask.
/// </summary>
public sealed record ThinnedComparison
{
    internal ThinnedComparison(LayerStep batch, IReadOnlyList<ThinnedGradient> networks)
    {
        Networks = networks;
        BatchGradient = batch.Audit.WeightGradient;
        MeanGradient = Mean(networks, network => network.WeightGradient);
        Difference = Matrices.Minus(BatchGradient, MeanGradient);
        AuditedArray views = Matrices.Minus(batch.BackwardView, batch.ForwardView);
        ExpectedDifference = Matrices.OuterSum(batch.Audit.OutputGradient, views, Enumerable.Range(0, batch.BatchSize));
        LargestBiasDifference = Matrices.LargestMagnitude(
            Matrices.Minus(batch.Audit.BiasGradient!, Mean(networks, network => network.BiasGradient)));
    }

    /// <summary>A network for each datum.</summary>
    public IReadOnlyList<ThinnedGradient> Networks { get; }

    /// <summary>∂J/∂W of the minibatch, by one backward pass.</summary>
    public AuditedArray BatchGradient { get; }

    /// <summary>(1/N) Σₙ Gₙ.</summary>
    public AuditedArray MeanGradient { get; }

    /// <summary>The one less the other, as computed.</summary>
    public AuditedArray Difference { get; }

    /// <summary>Σₙ δₙ (hₙ ⊙ (Bₙ − Fₙ))ᵀ: exactly 0 where F = B.</summary>
    public AuditedArray ExpectedDifference { get; }

    /// <summary>The largest |∂J/∂W − (1/N) Σₙ Gₙ|.</summary>
    public double LargestDifference => Matrices.LargestMagnitude(Difference);

    /// <summary>The largest element of the difference that the formula does not explain: the rounding of the numbers.</summary>
    public double LargestDeviation => Matrices.LargestMagnitude(Matrices.Minus(Difference, ExpectedDifference));

    /// <summary>The largest |∂J/∂b − (1/N) Σₙ ∂Jₙ/∂b|.</summary>
    public double LargestBiasDifference { get; }

    private static AuditedArray Mean(IReadOnlyList<ThinnedGradient> networks, Func<ThinnedGradient, AuditedArray> gradient)
    {
        Shape shape = gradient(networks[0]).Shape;
        return new AuditedArray(
            shape, [.. Enumerable.Range(0, shape.Count)
                .Select(i => networks.Sum(network => gradient(network).Values[i]) / networks.Count)]);
    }
}

/// <summary>One datum alone in its own thinned network: a smaller layer, in which the dropped features do not exist.</summary>
/// <param name="KeptFeatures">The features that exist, counted from 0 in the whole network.</param>
/// <param name="Loss">J of the batch of one.</param>
/// <param name="WeightGradient">∂J/∂W mapped back to the whole network's [O, I]; 0 where there is no weight.</param>
/// <param name="BiasGradient">∂J/∂b.</param>
public sealed record ThinnedGradient(
    IReadOnlyList<int> KeptFeatures, double Loss, AuditedArray WeightGradient, AuditedArray BiasGradient);
