namespace DropoutLab.Verification;

/// <summary>How a claim came out.</summary>
public enum Verdict
{
    /// <summary>The largest deviation is within the bound.</summary>
    Holds,

    /// <summary>The largest deviation is beyond the bound, or no number.</summary>
    Fails,

    /// <summary>What the claim is about is not there.</summary>
    Skipped,
}
