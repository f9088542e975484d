namespace DropoutLab.Experiments.Statistics;

/// <summary>A cell's runs after an epoch, over those that are that far and have not failed.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="TrainLoss">Dropout on, in nats.</param>
/// <param name="TestLoss">Dropout off, in nats.</param>
/// <param name="TestAccuracy">Dropout off.</param>
public sealed record CurvePoint(int Epoch, Estimate TrainLoss, Estimate TestLoss, Estimate TestAccuracy);
