using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Backends.Reference;

namespace DropoutLab.Verification;

/// <summary>
/// oneDNN and the reference, which shares none of its kernels, compute the same step. The reference computes in 64 bits, oneDNN
/// in the subject's precision; for the gradients in 32 bits, for bfloat16 takes a unit in a few hundred over a kink.
/// </summary>
internal static class BackendClaims
{
    public static IEnumerable<ClaimResult> Check(VerifiedSteps steps)
    {
        Precision precision = steps.Subject.Precision == Precision.Float64 ? Precision.Float32 : steps.Subject.Precision;
        Measurement masks = new(
            "backends draw the same masks", "a run may go on on another machine", DeviationUnit.Elements, 0);
        Measurement outputs = new(
            $"backends agree on z, {precision.ShortName()}", "what lies between the weight layers is right too",
            DeviationUnit.RelativeToNorm, PrecisionBounds.Of(precision));
        if (!OneDnnBackend.TryCreate(steps.Subject.Backend.Team.ThreadCount, out OneDnnBackend? oneDnn, out _))
            return [.. new[] { masks, outputs, GradientClaim() }.Select(claim => claim.Skipped("there is no oneDNN here"))];
        using (oneDnn)
        {
            StepComparison comparison = Compare(steps, oneDnn, precision);
            comparison.AddMasks(masks);
            comparison.AddOutputs(outputs);
            return [masks.Result, outputs.Result, StepComparison.AwayFromKinks(steps, Gradients(steps, oneDnn), other => Gradients(other, oneDnn))];
        }
    }

    private static ClaimResult Gradients(VerifiedSteps steps, Backend oneDnn)
    {
        Measurement gradients = GradientClaim();
        Compare(steps, oneDnn, Precision.Float32).AddGradients(gradients);
        return gradients.Result;
    }

    private static Measurement GradientClaim() => new(
        "backends agree on gradients, f32", "and so it is on the way back",
        DeviationUnit.RelativeToNorm, PrecisionBounds.Of(Precision.Float32));

    private static StepComparison Compare(VerifiedSteps steps, Backend oneDnn, Precision precision)
    {
        using ReferenceBackend reference = new(oneDnn.Team.ThreadCount);
        return new StepComparison(steps.RunOn(oneDnn, precision), steps.RunOn(reference, Precision.Float64));
    }
}
