using static DropoutLab.Dashboard.Shared.NumberText;

namespace DropoutLab.Dashboard.Charts;

/// <summary>A chart's series as SVG paths.</summary>
internal sealed class LineChartPaths(LineChart chart)
{
    private const double HalfCap = 3.5;

    /// <summary>Where a point is drawn: that of a series that goes across, at the right end.</summary>
    public double X(ChartSeries series, ChartPoint point) =>
        series.Intervals == IntervalStyle.Across ? LineChart.Right - 8 : chart.X(point.X);

    /// <summary>The line through all points, or across.</summary>
    public string Line(ChartSeries series) => series.Intervals == IntervalStyle.Across
        ? $"M{Coordinate(LineChart.Left)} {Coordinate(chart.Y(series.Points[0].Y))}H{Coordinate(LineChart.Right)}"
        : Through(series.Points.Select(point => (point.X, point.Y)));

    /// <summary>Around the points that have an interval.</summary>
    public string Band(ChartSeries series)
    {
        ChartPoint[] points = [.. series.Points.Where(point => point is { Low: not null, High: not null })];
        return points.Length == 0 ? "" : Through(
            [.. points.Select(point => (point.X, point.High!.Value)),
                .. points.Reverse().Select(point => (point.X, point.Low!.Value))]) + "Z";
    }

    /// <summary>A band at one height over the whole width.</summary>
    public string BandAcross(ChartSeries series) => series.Points[0] is { Low: { } low, High: { } high }
        ? $"M{Coordinate(LineChart.Left)} {Coordinate(chart.Y(high))}H{Coordinate(LineChart.Right)}"
            + $"V{Coordinate(chart.Y(low))}H{Coordinate(LineChart.Left)}Z"
        : "";

    /// <summary>A bar with caps at each point that has an interval.</summary>
    public string Bars(ChartSeries series) => string.Concat(series.Points.Select(Bar));

    private string Bar(ChartPoint point)
    {
        if (point is not { Low: { } low, High: { } high })
            return "";
        string left = Coordinate(chart.X(point.X) - HalfCap), width = Coordinate(2 * HalfCap);
        return $"M{Coordinate(chart.X(point.X))} {Coordinate(chart.Y(low))}V{Coordinate(chart.Y(high))}"
            + $"M{left} {Coordinate(chart.Y(low))}h{width}M{left} {Coordinate(chart.Y(high))}h{width}";
    }

    private string Through(IEnumerable<(double X, double Y)> points) =>
        "M" + string.Join('L', points.Select(point => $"{Coordinate(chart.X(point.X))} {Coordinate(chart.Y(point.Y))}"));
}
