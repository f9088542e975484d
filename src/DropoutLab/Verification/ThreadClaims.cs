using DropoutLab.Auditing;
using DropoutLab.Backends;

namespace DropoutLab.Verification;

/// <summary>The number of threads changes no mask, and all else by no more than the order in which sums are rounded.</summary>
internal sealed class ThreadClaims
{
    /// <summary>Both sides of a comparison are rounded.</summary>
    private const double RoundedResults = 2;

    private static readonly int[] Counts = [2, 3];

    private readonly VerifiedSteps steps;
    private readonly (string Where, StepComparison Comparison)[] comparisons;
    private bool isDenied;

    private ThreadClaims(VerifiedSteps steps)
    {
        this.steps = steps;
        IReadOnlyList<LayerAudit> one = RunOn(1);
        comparisons = [.. Counts.Select(threads => ($", {threads} threads", new StepComparison(RunOn(threads), one)))];
    }

    public static IEnumerable<ClaimResult> Check(VerifiedSteps steps)
    {
        VerifiedSteps few = steps.OfFewData();
        ThreadClaims claims = new(few);
        return [claims.Masks(), StepComparison.AwayFromKinks(few, claims.Arrays(), other => new ThreadClaims(other).Arrays())];
    }

    private ClaimResult Masks()
    {
        Measurement differing = new(
            "1, 2, 3 threads draw the same masks", "a seed must mean the same on every machine", DeviationUnit.Elements, 0);
        foreach ((string where, StepComparison comparison) in comparisons)
            comparison.AddMasks(differing, where);
        return Result(differing);
    }

    private ClaimResult Arrays()
    {
        Measurement distance = new(
            "1, 2, 3 threads give the same step", "threads that race for an element would show here",
            DeviationUnit.RelativeToNorm, RoundedResults * PrecisionBounds.Of(steps.Subject.Precision));
        foreach ((string where, StepComparison comparison) in comparisons)
        {
            comparison.AddOutputs(distance, where);
            comparison.AddGradients(distance, where);
        }

        return Result(distance);
    }

    private ClaimResult Result(Measurement measured) =>
        isDenied ? measured.Skipped("OpenMP does not grant so many threads here") : measured.Result;

    private IReadOnlyList<LayerAudit> RunOn(int threads)
    {
        using Backend backend = BackendCatalog.Create(steps.Subject.Backend.Name, threads, out _);
        isDenied |= backend.ThreadCount < threads;
        return steps.RunOn(backend, steps.Subject.Precision);
    }
}
