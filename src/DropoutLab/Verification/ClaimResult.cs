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
    /// <summary>Whether the deviation is within the bound.</summary>
    public ClaimOutcome Outcome => Deviation switch
    {
        null => ClaimOutcome.Skipped,
        double deviation when deviation <= Bound => ClaimOutcome.Holds,
        _ => ClaimOutcome.Fails,
    };
}

/// <summary>How a claim came out.</summary>
public enum ClaimOutcome
{
    /// <summary>The largest deviation is within the bound.</summary>
    Holds,

    /// <summary>The largest deviation is beyond the bound, or no number.</summary>
    Fails,

    /// <summary>What the claim is about is not there.</summary>
    Skipped,
}

/// <summary>What a claim's deviation is counted in.</summary>
public enum DeviationUnit
{
    /// <summary>‖found − expected‖ / ‖expected‖, Euclidean norms over a whole array.</summary>
    RelativeToNorm,

    /// <summary>|found − expected| over the standard error of a count that is as random as claimed.</summary>
    StandardErrors,

    /// <summary>The number of elements that are not what they should be.</summary>
    Elements,
}

/// <summary>A claim while it is measured: keeps the largest deviation and where it was found.</summary>
internal sealed class Measurement(string claim, string why, DeviationUnit unit, double bound)
{
    private double? largest;
    private string where = "";

    public ClaimResult Result =>
        largest is null ? Skipped("there is nothing to compare") : new(claim, why, unit, bound, largest, where);

    /// <summary>Takes a deviation into account; one that is no number is the largest of all.</summary>
    public void Add(double deviation, string at)
    {
        double size = double.IsNaN(deviation) ? double.PositiveInfinity : deviation;
        if (size > (largest ?? 0))
            where = at;
        largest = Math.Max(size, largest ?? 0);
    }

    /// <summary>The claim as one that could not be checked.</summary>
    public ClaimResult Skipped(string reason) => new(claim, why, unit, bound, null, reason);
}
