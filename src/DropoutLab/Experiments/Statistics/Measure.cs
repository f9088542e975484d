using DropoutLab.Training;

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

/// <summary>Names and values.</summary>
internal static class Measures
{
    public static double Of(this Measure measure, EpochMetrics metrics) => measure switch
    {
        Measure.TestAccuracy => metrics.TestAccuracy,
        Measure.TrainLoss => metrics.TrainLoss,
        Measure.TestLoss => metrics.TestLoss,
        _ => throw new ArgumentOutOfRangeException(nameof(measure), measure, "no such measure"),
    };

    public static string Words(this Measure measure) => measure switch
    {
        Measure.TestAccuracy => "test accuracy",
        Measure.TrainLoss => "training loss",
        Measure.TestLoss => "test loss",
        _ => throw new ArgumentOutOfRangeException(nameof(measure), measure, "no such measure"),
    };
}
