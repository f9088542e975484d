namespace DropoutLab.Dashboard.Charts;

/// <summary>Lines over an axis: a drawing of its own, or one of several in a figure.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Across">The axis below.</param>
/// <param name="Up">The axis on the left.</param>
/// <param name="Series">Drawn in this order; the legend has it too.</param>
/// <remarks>
/// Radzen.Blazor's charts put their legend into HTML beside the drawing, have places in pixels that do not scale, no bars of
/// intervals on lines, identifiers drawn at random, and colours in a theme of their own: as a file they would have neither legend
/// nor colours.
/// </remarks>
public sealed record LineChart(string Title, ChartAxis Across, ChartAxis Up, IReadOnlyList<ChartSeries> Series)
{
    /// <summary>In CSS pixels.</summary>
    public const double Width = 440;

    private const double TitleHeight = 24;
    private const double LegendRowHeight = 20;
    private const double PlotHeight = 232;
    private const double AxisHeight = 46;
    private const double LegendSample = 32;
    private const double LegendGap = 10;
    private const int LongestTitle = 48;

    /// <summary>Of labels, about.</summary>
    internal const double LetterWidth = 6.9;

    public const double Left = 62;
    public const double Right = Width - 12;

    private const int LongestName = (int)((Right - Left - LegendSample) / LetterWidth);

    private readonly LegendPlace[] legend = PlaceLegend(Series);

    /// <summary>The title, as much of it as there is room for.</summary>
    public string ShownTitle => ShortText.Of(Title, LongestTitle);

    /// <summary>For who cannot see it: where each line begins and ends, and every point where there are few.</summary>
    public string Description => string.Join("; ", Series.SelectMany(series => series.Intervals == IntervalStyle.Band
        ? series.Points.Where((_, i) => i == 0 || i == series.Points.Count - 1) : series.Points).Select(point => point.Words));

    /// <summary>The legend's entries and where each begins.</summary>
    public IReadOnlyList<LegendPlace> Legend => legend;

    public double Top => TitleHeight + (legend.Length > 0 ? legend[^1].Y + LegendRowHeight : 0) + 6;

    public double Bottom => Top + PlotHeight;

    public double Height => Bottom + AxisHeight;

    /// <summary>Where a value of the lower axis lies.</summary>
    public double X(double value) => Across.Position(value, Left, Right);

    /// <summary>Where a value of the left axis lies.</summary>
    public double Y(double value) => Up.Position(value, Bottom, Top);

    private static LegendPlace[] PlaceLegend(IReadOnlyList<ChartSeries> series)
    {
        List<LegendPlace> places = [];
        double x = Left, y = 0;
        foreach (ChartSeries one in series)
        {
            string name = ShortText.Of(one.Name, LongestName);
            double width = LegendSample + name.Length * LetterWidth;
            if (x > Left && x + width > Right)
                (x, y) = (Left, y + LegendRowHeight);
            places.Add(new LegendPlace(one, name, x, y));
            x += width + LegendGap;
        }

        return [.. places];
    }

    /// <summary>An entry of the legend, with as much of the series' name as there is room for.</summary>
    public readonly record struct LegendPlace(ChartSeries Series, string Name, double X, double Y);
}
