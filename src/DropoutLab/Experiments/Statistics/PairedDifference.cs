namespace DropoutLab.Experiments.Statistics;

/// <summary>
/// By how much one cell is above another: the differences of runs with the same seed, which share initial weights and the order
/// of the data, as estimates of their own.
/// </summary>
/// <param name="Against">The other cell's name.</param>
/// <param name="TestAccuracy">Of the last epoch.</param>
/// <param name="TrainLoss">Of the last epoch, in nats.</param>
/// <param name="TestLoss">Of the last epoch, in nats.</param>
public sealed record PairedDifference(string Against, Estimate TestAccuracy, Estimate TrainLoss, Estimate TestLoss)
{
    /// <summary>The differences cell less other, over the seeds that both have finished.</summary>
    internal static PairedDifference Between(CellRuns cell, CellRuns other) => new(
        other.Cell.Name, Of(cell, other, Measure.TestAccuracy), Of(cell, other, Measure.TrainLoss),
        Of(cell, other, Measure.TestLoss));

    internal static Estimate Of(CellRuns cell, CellRuns other, Measure measure) => Estimate.Of(
        [.. cell.Finished.Where(pair => other.Finished.ContainsKey(pair.Key))
            .Select(pair => measure.Of(pair.Value) - measure.Of(other.Finished[pair.Key]))]);
}
