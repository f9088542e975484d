using DropoutLab.Dropout;

namespace DropoutLab.Explanations;

/// <summary>The second layer of the small network under one rule.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Layer">The layer whose input is dropped.</param>
public sealed record RuleStep(DropoutRule Rule, LayerStep Layer);
