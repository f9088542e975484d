namespace DropoutLab.Dashboard.Charts;

/// <summary>A line of a chart.</summary>
/// <param name="Name">As the legend has it.</param>
/// <param name="Style">How it looks.</param>
/// <param name="Intervals">How its intervals look.</param>
/// <param name="Points">From left to right; not empty.</param>
public sealed record ChartSeries(string Name, SeriesStyle Style, IntervalStyle Intervals, IReadOnlyList<ChartPoint> Points);
