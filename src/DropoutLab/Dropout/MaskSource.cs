namespace DropoutLab.Dropout;

/// <summary>One mask of one dropout site, before it is drawn.</summary>
/// <param name="Layer">The number of the site within its network, in the order in which the network declares its weight layers.</param>
/// <param name="Which">0 for a site's first mask, 1 for the second mask of augmented dropout.</param>
/// <param name="DropProbability">P(ε = 0), in [0, 1).</param>
/// <param name="Sharing">Which elements share a draw.</param>
public sealed record MaskSource(int Layer, int Which, double DropProbability, MaskSharing Sharing)
{
    /// <summary>The mask of a step.</summary>
    public MaskStream Stream(ulong seed, uint step) => new(seed, Layer, Which, step, DropProbability);

    /// <summary>What the kept elements are multiplied with: 1/(1 − p).</summary>
    public double Scale => 1 / (1 - DropProbability);
}
