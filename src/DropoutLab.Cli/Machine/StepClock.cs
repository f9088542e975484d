using DropoutLab.Training;

namespace DropoutLab.Cli.Machine;

/// <summary>How long those have to wait who want to stop a training between two steps.</summary>
internal sealed class StepClock(TimeProvider time)
{
    private const int LongestSteps = 3;
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(10);

    private long? last;
    private long longest;

    /// <summary>
    /// Three times the longest way from one step's end to the next so far, what lies between epochs included; ten seconds at
    /// least.
    /// </summary>
    public TimeSpan Patience => TimeSpan.FromTicks(Math.Max(Least.Ticks, LongestSteps * Volatile.Read(ref longest)));

    /// <summary>Tells the clock of each step before another one, if there is one.</summary>
    public IProgress<StepProgress> Before(IProgress<StepProgress>? other) => new Steps(this, other);

    private void StepDone()
    {
        long now = time.GetTimestamp();
        if (last is { } before)
            Volatile.Write(ref longest, Math.Max(longest, time.GetElapsedTime(before, now).Ticks));
        last = now;
    }

    private sealed class Steps(StepClock clock, IProgress<StepProgress>? other) : IProgress<StepProgress>
    {
        public void Report(StepProgress value)
        {
            clock.StepDone();
            other?.Report(value);
        }
    }
}
