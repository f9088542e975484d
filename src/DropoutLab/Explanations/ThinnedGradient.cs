using DropoutLab.Auditing;

namespace DropoutLab.Explanations;

/// <summary>One datum alone in its own thinned network: a smaller layer, in which the dropped features do not exist.</summary>
/// <param name="KeptFeatures">The features that exist, counted from 0 in the whole network.</param>
/// <param name="Loss">J of the batch of one.</param>
/// <param name="WeightGradient">∂J/∂W mapped back to the whole network's [O, I]; 0 where there is no weight.</param>
/// <param name="BiasGradient">∂J/∂b.</param>
public sealed record ThinnedGradient(
    IReadOnlyList<int> KeptFeatures, double Loss, AuditedArray WeightGradient, AuditedArray BiasGradient);
