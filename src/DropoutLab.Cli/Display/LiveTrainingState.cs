using DropoutLab.Training;

namespace DropoutLab.Cli.Display;

/// <summary>What a training's bar says; texts are made only when they are drawn.</summary>
/// <param name="label">What is trained, where there are several; else empty.</param>
/// <param name="trainer">What is shown.</param>
internal sealed class LiveTrainingState(string label, Trainer trainer)
{
    private readonly TrainingPace pace = new(trainer.Options.Epochs, trainer.Options.BatchSize);
    private StepProgress latest;
    private double? accuracy;

    /// <summary>The part of all steps that is done, in [0, 1].</summary>
    public double Part =>
        (latest.Step > 0 ? latest.Epoch - 1 + (double)latest.Step / latest.StepCount : trainer.CompletedEpochs) / Epochs;

    /// <summary>As in "epoch 3/10".</summary>
    public string Position => $"{label}epoch {Math.Min(trainer.CompletedEpochs + 1, Epochs)}/{Epochs}";

    /// <summary>Loss, accuracy after the last epoch, images a second and time left, as far as there are any.</summary>
    public IEnumerable<string> Figures
    {
        get
        {
            if (latest.Step > 0)
                yield return $"loss {latest.MeanLoss:f4}";
            if (accuracy is { } known)
                yield return $"accuracy {known:f4}";
            if (double.IsFinite(pace.ImagesPerSecond))
                yield return $"{pace.ImagesPerSecond:n0} images/s";
            if (pace.TimeLeft is { } left)
                yield return $"{Duration.Text(left)} left";
        }
    }

    public void StepDone(in StepProgress progress, long timestamp)
    {
        latest = progress;
        pace.StepDone(progress, timestamp);
    }

    public void EpochDone(EpochMetrics metrics)
    {
        accuracy = metrics.TestAccuracy;
        pace.EpochDone(metrics, latest.StepCount * trainer.Options.BatchSize);
    }

    private int Epochs => trainer.Options.Epochs;
}
