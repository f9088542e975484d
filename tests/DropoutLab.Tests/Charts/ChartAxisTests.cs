using DropoutLab.Dashboard.Charts;

namespace DropoutLab.Tests.Charts;

public sealed class ChartAxisTests
{
    [Theory]
    [InlineData(0.61, 1.72, "0.5 1.0 1.5 2.0")]
    [InlineData(0.6908, 0.7657, "0.68 0.70 0.72 0.74 0.76 0.78")]
    [InlineData(-0.012, 0.011, "−0.015 −0.010 −0.005 0.000 0.005 0.010 0.015")]
    [InlineData(2.3, 2.3, "2.290 2.295 2.300 2.305 2.310")]
    [InlineData(3, 47, "0 10 20 30 40 50")]
    public void TicksAreRoundNumbersThatHoldTheValues(double low, double high, string labels)
    {
        ChartAxis axis = ChartAxis.Around("y", [low, high]);

        Assert.Equal(labels, string.Join(' ', axis.Ticks.Select(tick => tick.Label)));
        Assert.InRange(axis.Low, double.NegativeInfinity, low);
        Assert.InRange(axis.High, high, double.PositiveInfinity);
    }

    /// <summary>As of losses that have run away: 0.01 to either side would be lost in their rounding.</summary>
    [Theory]
    [InlineData(1e15)]
    [InlineData(1e17)]
    [InlineData(-1e17)]
    public void HugeValuesThatAreAllAlikeHaveFewTicks(double value)
    {
        ChartAxis axis = ChartAxis.Around("y", [value, value]);

        Assert.InRange(axis.Ticks.Count, 2, 19);
        Assert.True(axis.Low < value && value < axis.High, $"{axis.Low} to {axis.High}");
    }

    [Theory]
    [InlineData(1, "1")]
    [InlineData(4, "1 2 3 4")]
    [InlineData(10, "1 2 3 4 5 6 7 8 9 10")]
    [InlineData(16, "2 4 6 8 10 12 14 16")]
    [InlineData(250, "50 100 150 200 250")]
    public void EpochsAreCounted(int count, string labels) =>
        Assert.Equal(labels, string.Join(' ', ChartAxis.Counting("epoch", count).Ticks.Select(tick => tick.Label)));

    /// <summary>Names that would touch are left out evenly, and long ones are cut.</summary>
    [Theory]
    [InlineData(6, "0.05", "0.05 0.05 0.05 0.05 0.05 0.05")]
    [InlineData(19, "0.05", "0.05 0.05 0.05 0.05 0.05 0.05 0.05 0.05 0.05 0.05")]
    [InlineData(4, "0,0.1@4000,0.2@8000", "0,0.1@4000,0.2@… 0,0.1@4000,0.2@…")]
    public void NamesHaveRoom(int count, string name, string labels)
    {
        ChartAxis axis = ChartAxis.Of("p", [.. Enumerable.Repeat(name, count)]);

        Assert.Equal(labels, string.Join(' ', axis.Ticks.Select(tick => tick.Label)));
        Assert.Equal((-0.5, count - 0.5), (axis.Low, axis.High));
    }

    [Fact]
    public void APositionIsInProportion() => Assert.Equal(75, new ChartAxis("x", 1, 3, []).Position(2.5, 0, 100));
}
