using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Backends.Reference;

namespace DropoutLab.Verification;

/// <summary>
/// oneDNN and the reference, which shares none of its kernels, compute the same step. The reference computes in 64 bits, oneDNN
/// in the subject's precision; for the gradients in 32 bits, for bfloat16 takes a unit in a few hundred over a kink.
/// </summary>
internal sealed class BackendClaims
{
    private readonly Precision precision;
    private readonly StepComparison? found;
    private readonly StepComparison? inFloat32;

    private BackendClaims(VerifiedSteps steps)
    {
        precision = steps.Subject.Precision == Precision.Float64 ? Precision.Float32 : steps.Subject.Precision;
        int threads = steps.Subject.Backend.Team.ThreadCount;
        if (!OneDnnBackend.TryCreate(threads, out OneDnnBackend? oneDnn, out _))
            return;
        using (oneDnn)
        {
            using ReferenceBackend reference = new(threads);
            IReadOnlyList<LayerAudit> expected = steps.RunOn(reference, Precision.Float64);
            found = new StepComparison(steps.RunOn(oneDnn, precision), expected);
            inFloat32 = precision == Precision.Float32
                ? found
                : new StepComparison(steps.RunOn(oneDnn, Precision.Float32), expected);
        }
    }

    public static IEnumerable<ClaimResult> Check(VerifiedSteps steps)
    {
        VerifiedSteps few = steps.OfFewData();
        BackendClaims claims = new(few);
        return [claims.Masks(), claims.Outputs(),
            StepComparison.AwayFromKinks(few, claims.Gradients(), other => new BackendClaims(other).Gradients())];
    }

    private ClaimResult Masks() => Measure(
        new Measurement("backends draw the same masks", "a seed must mean the same on every backend", DeviationUnit.Elements, 0),
        found, (comparison, differing) => comparison.AddMasks(differing));

    private ClaimResult Outputs() => Measure(
        new Measurement(
            $"backends agree on z, {precision.ShortName()}", "what lies between weight layers is right too",
            DeviationUnit.RelativeToNorm, PrecisionBounds.Of(precision)),
        found, (comparison, distance) => comparison.AddOutputs(distance));

    private ClaimResult Gradients() => Measure(
        new Measurement(
            "backends agree on gradients, f32", "and the derivatives of what lies between", DeviationUnit.RelativeToNorm,
            PrecisionBounds.Of(Precision.Float32)),
        inFloat32, (comparison, distance) => comparison.AddGradients(distance));

    private static ClaimResult Measure(Measurement claim, StepComparison? comparison, Action<StepComparison, Measurement> add)
    {
        if (comparison is null)
            return claim.Skipped("there is no oneDNN here");
        add(comparison, claim);
        return claim.Result;
    }
}
