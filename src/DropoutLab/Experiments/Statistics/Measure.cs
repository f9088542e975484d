namespace DropoutLab.Experiments.Statistics;

/// <summary>What of a run is compared: always that of the last epoch.</summary>
public enum Measure
{
    /// <summary>The part of the test set that is classified right.</summary>
    TestAccuracy,

    /// <summary>The mean over the epoch's steps, dropout on, in nats.</summary>
    TrainLoss,

    /// <summary>The mean over the test set, dropout off, in nats.</summary>
    TestLoss,
}

