namespace DropoutLab.Verification;

/// <summary>A claim while it is measured: keeps the largest deviation and where it was found.</summary>
internal sealed class Measurement(string claim, string why, DeviationUnit unit, double bound)
{
    private double? largest;
    private string where = "";

    public ClaimResult Result => largest is null ? Skipped("there is nothing to compare") : new(claim, why, unit, bound, largest, where);

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
