using DropoutLab.Auditing;

namespace DropoutLab.Verification;

/// <summary>One step computed in two ways, layer by layer.</summary>
internal sealed record StepComparison(IReadOnlyList<LayerAudit> Found, IReadOnlyList<LayerAudit> Expected)
{
    private const int Steps = 3;

    /// <summary>Counts the elements that one way's masks drop and the other's keep.</summary>
    public void AddMasks(Measurement differing, string where = "")
    {
        Add(differing, where, layer => layer.ForwardFactor, (one, other) => Deviations.DifferingZeros(one, other));
        Add(differing, where, layer => layer.BackwardFactor, (one, other) => Deviations.DifferingZeros(one, other));
    }

    /// <summary>Compares z.</summary>
    public void AddOutputs(Measurement distance, string where = "") =>
        Add(distance, $", z{where}", layer => layer.Output, Relative);

    /// <summary>Compares ∂J/∂z, ∂J/∂W, ∂J/∂b and ∂J/∂h.</summary>
    public void AddGradients(Measurement distance, string where = "")
    {
        Add(distance, $", ∂J/∂z{where}", layer => layer.OutputGradient, Relative);
        Add(distance, $", ∂J/∂W{where}", layer => layer.WeightGradient, Relative);
        Add(distance, $", ∂J/∂b{where}", layer => layer.BiasGradient, Relative);
        Add(distance, $", ∂J/∂h{where}", layer => layer.InputGradient, Relative);
    }

    /// <summary>
    /// A claim on gradients, measured again on other steps if it does not hold on the first. A unit within rounding of the kink
    /// of a ReLU or a max-pooling may fall on either side of it, and then gradients differ by more than rounding: that happens
    /// in a few steps of a hundred, but a fault shows in every one.
    /// </summary>
    /// <param name="steps">The first step's subject.</param>
    /// <param name="first">What was measured on it.</param>
    /// <param name="again">Measures another.</param>
    public static ClaimResult AwayFromKinks(VerifiedSteps steps, ClaimResult first, Func<VerifiedSteps, ClaimResult> again)
    {
        ClaimResult best = first;
        for (ulong other = 1; other < Steps && best.Outcome == ClaimOutcome.Fails; other++)
        {
            ClaimResult next = again(steps.OfSeed(steps.Subject.Seed + other));
            best = next.Deviation < best.Deviation ? next : best;
        }

        return best;
    }

    private static double Relative(double[] found, double[] expected) => Deviations.RelativeToNorm(found, expected);

    private void Add(
        Measurement measurement, string where, Func<LayerAudit, AuditedArray?> array, Func<double[], double[], double> deviation)
    {
        foreach ((LayerAudit found, LayerAudit expected) in Found.Zip(Expected))
        {
            if (array(expected) is { } wanted)
                measurement.Add(deviation(array(found)!.Values, wanted.Values), $"{expected.Name}{where}");
        }
    }
}
