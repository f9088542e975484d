using DropoutLab.Experiments;

namespace DropoutLab.Tests.Experiments;

public sealed class RunActivityTests
{
    /// <summary>The part of four epochs, and never more than all of them.</summary>
    [Theory]
    [InlineData(0, 0, 10, 0)]
    [InlineData(0, 5, 10, 0.125)]
    [InlineData(1, 5, 10, 0.375)]
    [InlineData(3, 10, 10, 1)]
    [InlineData(4, 0, 10, 1)]
    [InlineData(4, 5, 10, 1)]
    public void ProgressCountsEpochsAndSteps(int completedEpochs, int step, int stepCount, double progress)
    {
        RunActivity activity = new(new SweepRun(
            new SweepCell("none", new Dictionary<string, string>(), MadeUpSweep.Configuration("none") with { Epochs = 4 }), 1));
        Assert.Null(activity.Latest);
        Assert.Equal(0, activity.Progress);

        activity.Take(new RunReport(completedEpochs, step, stepCount));

        Assert.Equal(progress, activity.Progress, 1e-12);
    }
}
