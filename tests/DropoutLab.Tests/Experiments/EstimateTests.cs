using DropoutLab.Experiments.Statistics;

namespace DropoutLab.Tests.Experiments;

public sealed class EstimateTests
{
    [Fact]
    public void FiveValuesByHand()
    {
        // Mean 3, squares 4 + 1 + 0 + 1 + 4 = 10, s² = 10/4; t(4) at 0.975 is 2.776445 in every table.
        Estimate estimate = Estimate.Of(1, 2, 3, 4, 5);

        double half = 2.7764451052 * Math.Sqrt(2.5) / Math.Sqrt(5);
        Assert.Equal((5, 3.0), (estimate.Count, estimate.Mean));
        Assert.Equal(Math.Sqrt(2.5), estimate.StandardDeviation!.Value, 1e-12);
        Assert.Equal(3 - half, estimate.Low!.Value, 1e-9);
        Assert.Equal(3 + half, estimate.High!.Value, 1e-9);
    }

    [Theory]
    [InlineData(2, 12.7062047364)]
    [InlineData(3, 4.3026527299)]
    [InlineData(10, 2.2621571628)]
    [InlineData(31, 2.0422724563)]
    public void TheQuantilesAreThoseOfTheTables(int count, double quantile)
    {
        double[] values = [.. Enumerable.Range(0, count).Select(i => (double)i)];

        Estimate estimate = Estimate.Of(values);

        Assert.Equal(
            quantile, (estimate.High!.Value - estimate.Mean!.Value) * Math.Sqrt(count) / estimate.StandardDeviation!.Value, 1e-8);
    }

    [Fact]
    public void FewerThanTwoValuesHaveNoInterval()
    {
        Assert.Equal(new Estimate(0, null, null, null, null), Estimate.Of());
        Assert.Equal(new Estimate(1, 0.75, null, null, null), Estimate.Of(0.75));
    }

    [Fact]
    public void EqualValuesHaveAnIntervalOfNoWidth() =>
        Assert.Equal(new Estimate(3, 0.5, 0, 0.5, 0.5), Estimate.Of(0.5, 0.5, 0.5));
}
