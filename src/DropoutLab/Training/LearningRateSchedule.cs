namespace DropoutLab.Training;

/// <summary>
/// The learning rate of each step, as steps down at parts of the whole run: the base rate times <see cref="Factor"/> for each
/// <see cref="Drops"/> that has been passed. Relative to the run's length, so that a shorter run has the same shape.
/// </summary>
/// <param name="Drops">Parts of the run, in (0, 1), ascending.</param>
/// <param name="Factor">What the rate is multiplied with at each.</param>
public sealed record LearningRateSchedule(IReadOnlyList<double> Drops, double Factor)
{
    /// <summary>Caffe's quick solver: four fifths of the steps at the base rate, the rest at a tenth.</summary>
    public static LearningRateSchedule Quick { get; } = new([0.8], 0.1);

    /// <summary>The rate of step number <paramref name="step"/> (from 0) of <paramref name="stepCount"/>.</summary>
    public double At(double baseRate, long step, long stepCount)
    {
        double rate = baseRate;
        foreach (double drop in Drops)
        {
            if (step >= Math.Round(drop * stepCount))
                rate *= Factor;
        }

        return rate;
    }
}
