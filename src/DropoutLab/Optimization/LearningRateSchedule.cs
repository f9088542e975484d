namespace DropoutLab.Optimization;

/// <summary>
/// The learning rate of each step. A schedule is relative to the run's length and to its base rate, so that a shorter run, or one
/// at another rate, has the same shape. One of one's own derives from this.
/// </summary>
public abstract record LearningRateSchedule
{
    /// <summary>η of a step.</summary>
    /// <param name="baseRate">The largest rate of the run.</param>
    /// <param name="step">From 0.</param>
    /// <param name="stepCount">Steps of the whole run.</param>
    /// <returns>A number from 0 on.</returns>
    public abstract double At(double baseRate, long step, long stepCount);

    /// <summary>Checks that it is a schedule.</summary>
    /// <exception cref="DropoutLabException">It is none.</exception>
    public virtual void Validate()
    {
    }
}

/// <summary>
/// Steps down: η is the base rate times <see cref="Factor"/> for each of <see cref="Drops"/> that has been passed,
/// <code>
/// η(s) = base · Factor^k          k = how many drops d have s ≥ max(1, round(d · S)), of S steps
/// </code>
/// </summary>
/// <param name="Drops">Fractions of the run, in (0, 1), ascending; none of them: the base rate throughout.</param>
/// <param name="Factor">What the rate is multiplied with at each.</param>
public sealed record StepDecay(IReadOnlyList<double> Drops, double Factor) : LearningRateSchedule
{
    /// <summary>Caffe's quick solver: four fifths of the steps at the base rate, the rest at a tenth.</summary>
    public static StepDecay Quick { get; } = new([0.8], 0.1);

    /// <inheritdoc/>
    public override double At(double baseRate, long step, long stepCount)
    {
        double rate = baseRate;
        foreach (double drop in Drops)
        {
            if (step >= Math.Max(1, Math.Round(drop * stepCount)))
                rate *= Factor;
        }

        return rate;
    }

    /// <inheritdoc/>
    public override void Validate()
    {
        if (!Drops.All(drop => drop is > 0 and < 1) || !Drops.SequenceEqual(Drops.Order()))
            throw new DropoutLabException(
                "the learning rate's drops are fractions of the run, between 0 and 1, in ascending order, not "
                    + $"{string.Join(", ", Drops)}");
        if (!(Factor > 0) || double.IsInfinity(Factor))
            throw new DropoutLabException($"the learning rate's factor at a drop must be a positive number, not {Factor}");
    }
}

/// <summary>
/// Up and down on two lines: from a fraction of the base rate to the base rate, and from there towards 0, which the step after
/// the last would have. Momentum stays as it is. With W = round(WarmUp · S) of S steps,
/// <code>
/// η(s) = base · (1 + (StartDivisor − 1) s / W) / StartDivisor          s &lt; W
/// η(s) = base · (S − s) / (S − W)                                      s ≥ W
/// </code>
/// </summary>
/// <param name="WarmUp">The fraction of the run that goes up, in [0, 1).</param>
/// <param name="StartDivisor">The base rate is so many times the first step's.</param>
/// <remarks>
/// Source: Smith and Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates", 2017. The way
/// down is one line, after Li, Yumer and Ramanan, "Budgeted Training", ICLR 2020, who find that best where the number of steps is
/// given.
/// </remarks>
public sealed record OneCycle(double WarmUp, double StartDivisor) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double At(double baseRate, long step, long stepCount)
    {
        double top = Math.Round(WarmUp * stepCount);
        return step < top
            ? baseRate * (1 + (StartDivisor - 1) * step / top) / StartDivisor
            : baseRate * (stepCount - step) / (stepCount - top);
    }

    /// <inheritdoc/>
    public override void Validate()
    {
        if (!(WarmUp is >= 0 and < 1))
            throw new DropoutLabException($"the learning rate's warm-up is a fraction of the run, from 0 up to 1, not {WarmUp}");
        if (!(StartDivisor > 0) || double.IsInfinity(StartDivisor))
            throw new DropoutLabException(
                $"what the learning rate is divided by at first must be a positive number, not {StartDivisor}");
    }
}
