using DropoutLab.Dashboard.Charts;

namespace DropoutLab.Tests.Charts;

/// <summary>Of a chart with one line of legend: from 62 to 428 across, and from 282 up to 50.</summary>
public sealed class LineChartTests
{
    /// <summary>The one in the middle has no interval.</summary>
    private static readonly ChartPoint[] Points =
        [new(1, 0.5, 0.25, 1, "first"), new(2, 1.5, null, null, "second"), new(3, 1, 0.5, 1.5, "third")];

    [Fact]
    public void TheAxesBeginAtTheLowerLeft()
    {
        LineChart chart = Chart(Series(IntervalStyle.Band, Points));

        Assert.Equal((chart.Bottom, chart.Top), (chart.Y(0), chart.Y(2)));
        Assert.Equal((LineChart.Left, LineChart.Right), (chart.X(1), chart.X(3)));
        Assert.Equal((62.0, 428.0, 282.0, 50.0), (LineChart.Left, LineChart.Right, chart.Bottom, chart.Top));
    }

    [Theory]
    [InlineData(IntervalStyle.Band)]
    [InlineData(IntervalStyle.Bars)]
    public void ALineGoesThroughAllPoints(IntervalStyle intervals)
    {
        ChartSeries series = Series(intervals, Points);
        LineChartPaths paths = new(Chart(series));

        Assert.Equal("M62 224L245 108L428 166", paths.Line(series));
        Assert.Equal([62, 245, 428], Points.Select(point => paths.X(series, point)));
    }

    [Fact]
    public void ABandGoesAlongTheUpperEndsAndBackAlongTheLowerOnes()
    {
        ChartSeries series = Series(IntervalStyle.Band, Points);

        Assert.Equal("M62 166L428 108L428 224L62 253Z", new LineChartPaths(Chart(series)).Band(series));
    }

    [Fact]
    public void ABarHasACapAtEachEnd()
    {
        ChartSeries series = Series(IntervalStyle.Bars, Points);

        Assert.Equal("M62 253V166M58.5 253h7M58.5 166h7M428 224V108M424.5 224h7M424.5 108h7",
            new LineChartPaths(Chart(series)).Bars(series));
    }

    [Fact]
    public void WhatIsTheSameEverywhereGoesAcross()
    {
        ChartSeries series = Series(IntervalStyle.Across, Points[0]);
        LineChartPaths paths = new(Chart(series));

        Assert.Equal("M62 224H428", paths.Line(series));
        Assert.Equal("M62 166H428V253H62Z", paths.BandAcross(series));
        Assert.Equal(420, paths.X(series, Points[0]));
    }

    [Fact]
    public void WithoutAnIntervalThereIsNothingAroundThePoint()
    {
        ChartSeries series = Series(IntervalStyle.Band, Points[1]);
        LineChartPaths paths = new(Chart(series));

        Assert.Equal("M245 108", paths.Line(series));
        Assert.Equal(("", "", ""), (paths.Band(series), paths.BandAcross(series), paths.Bars(series)));
    }

    private static LineChart Chart(ChartSeries series) =>
        new("t", new ChartAxis("x", 1, 3, []), new ChartAxis("y", 0, 2, []), [series]);

    private static ChartSeries Series(IntervalStyle intervals, params ChartPoint[] points) =>
        new("plain", new SeriesStyle("plain-series", "", Marker.Circle), intervals, points);
}
