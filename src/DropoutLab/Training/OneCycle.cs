namespace DropoutLab.Training;

/// <summary>
/// Up and down on two lines: from a fraction of the base rate to the base rate, and from there towards 0, which the step after the last
/// would have. Momentum stays as it is. With W = round(WarmUp · S) of S steps,
/// <code>
/// η(s) = base · (1 + (StartDivisor − 1) s / W) / StartDivisor          s &lt; W
/// η(s) = base · (S − s) / (S − W)                                      s ≥ W
/// </code>
/// </summary>
/// <param name="WarmUp">The fraction of the run that goes up, in [0, 1).</param>
/// <param name="StartDivisor">The base rate is so many times the first step's.</param>
/// <remarks>
/// Source: Smith and Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates", 2017. The way down
/// is one line, after Li, Yumer and Ramanan, "Budgeted Training", ICLR 2020, who find that best where the number of steps is given.
/// </remarks>
public sealed record OneCycle(double WarmUp, double StartDivisor) : LearningRateSchedule
{
    public override double At(double baseRate, long step, long stepCount)
    {
        double top = Math.Round(WarmUp * stepCount);
        return step < top
            ? baseRate * (1 + (StartDivisor - 1) * step / top) / StartDivisor
            : baseRate * (stepCount - step) / (stepCount - top);
    }

    public override void Validate()
    {
        if (!(WarmUp is >= 0 and < 1))
            throw new DropoutLabException($"the learning rate's warm-up is a fraction of the run, from 0 up to 1, not {WarmUp}");
        if (!(StartDivisor > 0) || double.IsInfinity(StartDivisor))
            throw new DropoutLabException($"what the learning rate is divided by at first must be a positive number, not {StartDivisor}");
    }
}
