using System.Text.Json.Serialization;

namespace DropoutLab.Training;

/// <summary>What an epoch came to: a line of metrics.jsonl.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="TrainLoss">The mean over the epoch's training steps, dropout on, in nats.</param>
/// <param name="TestLoss">The mean over the test set, dropout off, in nats.</param>
/// <param name="TestAccuracy">The part of the test set that is classified right, dropout off.</param>
/// <param name="ImagesPerSecond">Of training, evaluation not counted.</param>
/// <param name="LearningRate">At the epoch's first step.</param>
/// <param name="Seconds">Of the whole epoch, evaluation counted.</param>
/// <param name="RunId">Whose epoch it is: <see cref="RunConfiguration.RunId"/>; null where there is no run in a folder.</param>
public sealed record EpochMetrics(
    int Epoch, double TrainLoss, double TestLoss, double TestAccuracy, double ImagesPerSecond, double LearningRate, double Seconds,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? RunId = null);

/// <summary>Where an epoch stands.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Step">Steps of the epoch that are done.</param>
/// <param name="StepCount">Steps of an epoch.</param>
/// <param name="MeanLoss">The mean over the steps that are done.</param>
public readonly record struct StepProgress(int Epoch, int Step, int StepCount, double MeanLoss);
