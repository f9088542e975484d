namespace DropoutLab.Training;

/// <summary>
/// The learning rate of each step. A schedule is relative to the run's length and to its base rate, so that a shorter run, or one at
/// another rate, has the same shape. One of one's own derives from this.
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
