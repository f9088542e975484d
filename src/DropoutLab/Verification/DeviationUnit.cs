namespace DropoutLab.Verification;

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
