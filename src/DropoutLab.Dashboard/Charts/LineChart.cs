namespace DropoutLab.Dashboard.Charts;

/// <summary>Lines over an axis: a drawing of its own, or one of several in a figure.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Across">The axis below.</param>
/// <param name="Up">The axis on the left.</param>
/// <param name="Series">Drawn in this order; the legend has it too.</param>
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
    private const double LetterWidth = 6.9;

    public const double Left = 62;
    public const double Right = Width - 12;

    private readonly LegendPlace[] legend = PlaceLegend(Series);

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
            double width = LegendSample + one.Name.Length * LetterWidth;
            if (x > Left && x + width > Right)
                (x, y) = (Left, y + LegendRowHeight);
            places.Add(new LegendPlace(one, x, y));
            x += width + LegendGap;
        }

        return [.. places];
    }

    /// <summary>An entry of the legend.</summary>
    public readonly record struct LegendPlace(ChartSeries Series, double X, double Y);
}
