using System.Globalization;
using DropoutLab.Dashboard.Charts;
using DropoutLab.Dashboard.Shared;
using DropoutLab.Dropout;
using DropoutLab.Experiments.Statistics;

namespace DropoutLab.Dashboard.Report;

/// <summary>
/// A table's figures: the losses over the epochs at each ratio, as the poster's Figure 1, and the accuracy over the ratio.
/// </summary>
internal sealed class ReportFigures(MethodGrid grid)
{
    private const string Bands =
        "Lines are means over the seeds that are that far, bands their 95% intervals (Student’s t). The two scales differ.";

    private const int LongestName = 60;

    /// <summary>The drop probabilities of the poster's Figure 1.</summary>
    internal static readonly string[] PosterRatios = ["0.2", "0.05", "0.005"];

    private readonly int epochs = Math.Max(
        1, grid.Table.Settings.TryGetValue("epochs", out string? text)
            && int.TryParse(text, CultureInfo.InvariantCulture, out int count) ? count : 1);

    /// <summary>
    /// The losses at the ratios of the poster's Figure 1; at all, if there are none of them or the cells are not of its network.
    /// </summary>
    public IReadOnlyList<ChartFigure> Losses => [.. FirstRatios.Select(LossesAt).OfType<ChartFigure>()];

    /// <summary>The losses at the other ratios.</summary>
    public IReadOnlyList<ChartFigure> OtherLosses => [.. grid.Ratios.Except(FirstRatios).Select(LossesAt).OfType<ChartFigure>()];

    /// <summary>The accuracy over the ratio; null as long as no run has finished or without ratios.</summary>
    public ChartFigure? Accuracy => AccuracyFigure();

    /// <summary>Every figure that becomes a file, and the first ones of losses together as one.</summary>
    public IReadOnlyList<ChartFigure> Files
    {
        get
        {
            IReadOnlyList<ChartFigure> losses = Losses, others = OtherLosses;
            IEnumerable<ChartFigure> whole = losses.Count == 0 ? [] :
                [new ChartFigure($"{(grid.IsOfFigure1 ? "figure-1" : "losses")}{grid.Suffix}",
                    $"Training and test loss over the epochs. {Bands}", [.. losses.SelectMany(figure => figure.Charts)])];
            return [.. whole, .. losses, .. others, .. Accuracy is { } accuracy ? [accuracy] : Array.Empty<ChartFigure>()];
        }
    }

    private IReadOnlyList<string> FirstRatios =>
        grid.IsOfFigure1 && grid.Ratios.Intersect(PosterRatios).ToArray() is { Length: > 0 } posters ? posters
        : grid.Ratios.Count > 0 ? grid.Ratios : [""];

    private IEnumerable<(string Name, SeriesStyle Style, CellSummary Cell)> MethodsAt(string ratio) =>
    [
        .. grid.Plain is { } plain
            ? [(MethodGrid.PlainName, Method.StyleOf(DropoutKind.None), plain.Summary)]
            : Array.Empty<(string, SeriesStyle, CellSummary)>(),
        .. grid.Methods.Where(method => method.Cells.ContainsKey(ratio))
            .Select(method => (method.Name, method.Style, method.Cells[ratio].Summary)),
    ];

    private ChartFigure? LossesAt(string ratio)
    {
        ChartSeries[] training =
            [.. MethodsAt(ratio).Select(method => Curve(method, "train_loss", point => point.TrainLoss)).OfType<ChartSeries>()];
        ChartSeries[] test =
            [.. MethodsAt(ratio).Select(method => Curve(method, "test_loss", point => point.TestLoss)).OfType<ChartSeries>()];
        if (training.Length == 0 || test.Length == 0)
            return null;
        ChartAxis across = ChartAxis.Counting("epoch", epochs);
        string where = ratio.Length > 0 ? $"p = {ratio}: " : "";
        return new ChartFigure($"{(ratio.Length > 0 ? $"loss-{NameOf(ratio)}" : "loss")}{grid.Suffix}",
            ratio.Length > 0 ? $"p = {ratio}. {Bands}" : Bands,
        [
            new LineChart($"{where}training loss", across,
                ChartAxis.Around("training loss, dropout on (nats)", [.. ValuesToHold(training)]), training),
            new LineChart(
                $"{where}test loss", across, ChartAxis.Around("test loss, dropout off (nats)", [.. ValuesToHold(test)]), test),
        ]);
    }

    /// <summary>A schedule may be longer than a file's name may be.</summary>
    private string NameOf(string ratio) =>
        ratio.Length <= LongestName ? ratio : $"{ratio[..LongestName]}-{grid.Ratios.ToList().IndexOf(ratio) + 1}";

    private ChartSeries? Curve(
        (string Name, SeriesStyle Style, CellSummary Cell) method, string metric, Func<CurvePoint, Estimate> measure)
    {
        ChartPoint[] points = [.. method.Cell.Curve.Index().Where(item => IsFinite(measure(item.Item)))
            .Select(item => Point(
                item.Item.Epoch, measure(item.Item), $"{method.Name}, epoch {item.Item.Epoch}",
                NumberKey.OfCell(grid, method.Cell.Name, $"curve.{item.Index}.{metric}")))];
        return points.Length > 0 ? new ChartSeries(method.Name, method.Style, IntervalStyle.Band, points) : null;
    }

    private ChartFigure? AccuracyFigure()
    {
        if (grid.Ratios.Count == 0)
            return null;
        string[] ratios = [.. grid.Ratios.Reverse()];
        ChartSeries[] ours = Series(ratios, "", cell =>
            IsFinite(cell.TestAccuracy) ? (cell.TestAccuracy, NumberKey.OfCell(grid, cell.Name, "test_accuracy")) : null);
        if (ours.Length == 0)
            return null;
        ChartSeries[] poster = Series(ratios, "the poster’s ", cell => cell.PosterAccuracy is { } accuracy
            ? (new Estimate(1, accuracy, null, null, null), NumberKey.OfCell(grid, cell.Name, "poster_accuracy")) : null);
        ChartAxis across = ChartAxis.Of("drop probability p (not to scale)", ratios);
        ChartAxis up = ChartAxis.Around("test accuracy", [.. ValuesToHold([.. ours, .. poster])]);
        LineChart[] charts = poster.Length > 0
            ? [new LineChart("Test accuracy here", across, up, ours), new LineChart("The poster’s figures", across, up, poster)]
            : [new LineChart("Test accuracy", across, up, ours)];
        return new ChartFigure(
            $"accuracy{grid.Suffix}",
            "Means after the last epoch with their 95% intervals (Student’s t) as bars, or as a band for the network without "
                + "dropout."
                + (poster.Length > 0 ? " The poster’s figures have no intervals." : ""),
            charts);
    }

    private ChartSeries[] Series(
        string[] ratios, string whose, Func<CellSummary, (Estimate Value, Dictionary<string, object> Key)?> measure)
    {
        List<ChartSeries> series = [];
        if (grid.Plain is { } plain && measure(plain.Summary) is { } across)
        {
            ChartPoint point = Point(ratios.Length - 1, across.Value, $"{whose}{MethodGrid.PlainName}", across.Key);
            series.Add(new ChartSeries(MethodGrid.PlainName, Method.StyleOf(DropoutKind.None), IntervalStyle.Across, [point]));
        }

        foreach ((int number, Method method) in grid.Methods.Index())
        {
            List<ChartPoint> points = [];
            for (int i = 0; i < ratios.Length; i++)
            {
                if (method.Cells.TryGetValue(ratios[i], out TableCell? cell) && measure(cell.Summary) is { } found)
                    points.Add(Point(i + Aside(number), found.Value, $"{whose}{method.Name}, p = {ratios[i]}", found.Key));
            }

            if (points.Count > 0)
                series.Add(new ChartSeries(method.Name, method.Style, IntervalStyle.Bars, points));
        }

        return [.. series];
    }

    /// <summary>Bars of several methods at one ratio stand side by side.</summary>
    private double Aside(int number) => (number - (grid.Methods.Count - 1) / 2.0) * Math.Min(0.13, 0.6 / grid.Methods.Count);

    private static ChartPoint Point(double x, Estimate value, string name, Dictionary<string, object> key) => new(
        x, value.Mean!.Value, value.Low, value.High,
        $"{name}: {EstimateWords.Text(value)}{(value.Count > 1 ? $" (n = {value.Count})" : "")}", key.With(value));

    private static bool IsFinite(Estimate estimate) => estimate.Mean is { } mean && double.IsFinite(mean);

    /// <summary>
    /// All means, and those intervals that are not much wider than the spread of the means: one of two seeds may be ten times as
    /// wide, and would press everything else together. It is cut off at the picture's edge instead.
    /// </summary>
    private static IEnumerable<double> ValuesToHold(IReadOnlyList<ChartSeries> series)
    {
        ChartPoint[] points = [.. series.SelectMany(one => one.Points)];
        double spread = points.Max(point => point.Y) - points.Min(point => point.Y);
        double room = spread > 0 ? spread / 2 : double.PositiveInfinity;
        return points.SelectMany(point => (double[])
        [
            point.Y,
            point.Low is { } low && point.Y - low <= room ? low : point.Y,
            point.High is { } high && high - point.Y <= room ? high : point.Y,
        ]);
    }
}
