namespace DropoutLab.Verification;

/// <summary>A claim, and how it came out on this machine.</summary>
/// <param name="Claim">What is claimed, in a few words.</param>
/// <param name="Why">What would be wrong without it, in one line.</param>
/// <param name="Unit">What deviation and bound are counted in.</param>
/// <param name="Bound">The largest deviation that is allowed.</param>
/// <param name="Deviation">The largest deviation that was found; null where nothing was compared.</param>
/// <param name="Where">Where it was found, empty where it is 0; or why nothing was compared.</param>
public sealed record ClaimResult(string Claim, string Why, DeviationUnit Unit, double Bound, double? Deviation, string Where)
{
    public Verdict Verdict => Deviation switch
    {
        null => Verdict.Skipped,
        double deviation when deviation <= Bound => Verdict.Holds,
        _ => Verdict.Fails,
    };
}
