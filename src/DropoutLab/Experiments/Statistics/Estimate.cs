using System.Text.Json.Serialization;
using MathNet.Numerics.Distributions;

namespace DropoutLab.Experiments.Statistics;

/// <summary>
/// The mean of a few independent values, and how sure it is: mean x̄ = Σ xᵢ / n, standard deviation s = √(Σ (xᵢ − x̄)² / (n −
/// 1)), and the interval x̄ ± t s / √n that covers the true mean in 95 of 100 experiments, t being the 0.975 quantile of
/// Student's distribution with n − 1 degrees of freedom. The values are taken as normally distributed.
/// </summary>
/// <param name="Count">n.</param>
/// <param name="Mean">x̄; null if n = 0.</param>
/// <param name="StandardDeviation">s, of the sample; null if n &lt; 2.</param>
/// <param name="Low">The interval's lower end; null if n &lt; 2.</param>
/// <param name="High">The interval's upper end; null if n &lt; 2.</param>
public sealed record Estimate(
    [property: JsonPropertyName("n")] int Count, double? Mean, double? StandardDeviation, double? Low, double? High)
{
    /// <summary>The part of experiments whose interval covers the true mean.</summary>
    public const double Confidence = 0.95;

    /// <summary>The estimate from some values.</summary>
    public static Estimate Of(params IReadOnlyCollection<double> values)
    {
        int count = values.Count;
        if (count == 0)
            return new Estimate(0, null, null, null, null);
        double mean = values.Average();
        if (count == 1)
            return new Estimate(1, mean, null, null, null);
        double deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (count - 1));
        double half = StudentT.InvCDF(0, 1, count - 1, (1 + Confidence) / 2) * deviation / Math.Sqrt(count);
        return new Estimate(count, mean, deviation, mean - half, mean + half);
    }
}

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
