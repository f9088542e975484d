namespace DropoutLab.Dropout;

/// <summary>One mask of one dropout site, before it is drawn.</summary>
/// <param name="Layer">
/// The number of the site within its network, in the order in which the network declares its weight layers; for masks that a network draws
/// itself any that no site has.
/// </param>
/// <param name="Which">0 for a site's first mask, 1 for the second mask of augmented dropout.</param>
/// <param name="DropProbability">P(ε = 0), by step.</param>
/// <param name="Sharing">Which elements share a draw.</param>
public sealed record MaskSource(int Layer, int Which, RatioSchedule DropProbability, MaskSharing Sharing)
{
    /// <summary>The mask of a step.</summary>
    public MaskStream Stream(ulong seed, uint step) => new(seed, Layer, Which, step, DropProbability.At(step));

    /// <summary>What the kept elements are multiplied with at a step: 1/(1 − p).</summary>
    public double ScaleAt(uint step) => 1 / (1 - DropProbability.At(step));
}
