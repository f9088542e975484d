namespace DropoutLab.Training;

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

    public override void Validate()
    {
        if (!Drops.All(drop => drop is > 0 and < 1) || !Drops.SequenceEqual(Drops.Order()))
            throw new DropoutLabException($"the learning rate's drops are fractions of the run, between 0 and 1, in ascending order, not {string.Join(", ", Drops)}");
        if (!(Factor > 0) || double.IsInfinity(Factor))
            throw new DropoutLabException($"the learning rate's factor at a drop must be a positive number, not {Factor}");
    }
}
