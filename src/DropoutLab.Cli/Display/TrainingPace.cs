using System.Diagnostics;
using DropoutLab.Training;

namespace DropoutLab.Cli.Display;

/// <summary>How fast a training goes, and how long the rest of it will take.</summary>
/// <param name="epochs">Epochs of the whole training.</param>
/// <param name="batchSize">Images of a step.</param>
internal sealed class TrainingPace(int epochs, int batchSize)
{
    private StepProgress latest;
    private long epochStart;
    private double secondsPerStep = double.NaN;
    private double evaluationSeconds;

    /// <summary>Images a second in the epoch under way; not a number in its first step.</summary>
    public double ImagesPerSecond => batchSize / secondsPerStep;

    /// <summary>What the steps and evaluations that are left will take at this pace; null where there is none yet.</summary>
    public TimeSpan? TimeLeft
    {
        get
        {
            int epochsLeft = epochs - latest.Epoch;
            double steps = latest.StepCount - latest.Step + (double)epochsLeft * latest.StepCount;
            double seconds = steps * secondsPerStep + (epochsLeft + 1) * evaluationSeconds;
            return double.IsFinite(seconds) ? TimeSpan.FromSeconds(seconds) : null;
        }
    }

    /// <summary>Counts a step that was done at a time of the <see cref="Stopwatch"/>.</summary>
    public void StepDone(in StepProgress progress, long timestamp)
    {
        // A plan is compiled in the first step; the clock starts after it.
        if (progress.Epoch != latest.Epoch)
            epochStart = timestamp;
        else
            secondsPerStep = Stopwatch.GetElapsedTime(epochStart, timestamp).TotalSeconds / (progress.Step - 1);
        latest = progress;
    }

    public void EpochDone(EpochMetrics metrics, int imageCount) =>
        // the last batch may be a small one
        evaluationSeconds = Math.Max(0, metrics.Seconds - imageCount / metrics.DataPerSecond);
}
