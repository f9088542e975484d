using DropoutLab.Cli.Machine;
using DropoutLab.Training;

namespace DropoutLab.Tests.Cli;

public sealed class StepClockTests
{
    /// <summary>Seconds between the ends of steps, and what is waited for one more.</summary>
    [Theory]
    [InlineData(new double[0], 10)]
    [InlineData(new[] { 0.1, 0.2 }, 10)]
    [InlineData(new[] { 4.0, 20, 0.5 }, 60)]
    public void WhoWantsToStopWaitsThreeOfTheLongestStepsAndTenSecondsAtLeast(double[] steps, double patience)
    {
        SetTime time = new();
        StepClock clock = new(time);
        List<int> told = [];
        IProgress<StepProgress> progress = clock.Before(new Told(told));

        progress.Report(new StepProgress(1, 1, 10, 0));
        for (int i = 0; i < steps.Length; i++)
        {
            time.Seconds += steps[i];
            progress.Report(new StepProgress(1, i + 2, 10, 0));
        }

        Assert.Equal(TimeSpan.FromSeconds(patience), clock.Patience);
        Assert.Equal(Enumerable.Range(1, steps.Length + 1), told);
    }

    private sealed class Told(List<int> steps) : IProgress<StepProgress>
    {
        public void Report(StepProgress value) => steps.Add(value.Step);
    }

    private sealed class SetTime : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => (long)(Seconds * TimestampFrequency);
    }
}
