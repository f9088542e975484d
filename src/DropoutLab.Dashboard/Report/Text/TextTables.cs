using DropoutLab.Experiments;
using DropoutLab.Experiments.Statistics;

namespace DropoutLab.Dashboard.Report.Text;

/// <summary>A sweep's tables as texts.</summary>
internal static class TextTables
{
    /// <summary>Of each of the sweep's tables the one of method × ratio, if it is worth it, and the list of its cells.</summary>
    public static IEnumerable<TextTable> Of(SweepSummary summary) => MethodGrid.All(summary.Tables).SelectMany(grid =>
        (TextTable[])[.. grid.IsWorthATable ? [Accuracies(summary, grid)] : Array.Empty<TextTable>(), Cells(summary, grid)]);

    private static TextTable Accuracies(SweepSummary summary, MethodGrid grid)
    {
        IEnumerable<IReadOnlyList<string>> Rows(string name, Func<string, CellSummary?> cell)
        {
            yield return [name, .. grid.Ratios.Select(ratio => EstimateWords.Text(cell(ratio)?.TestAccuracy))];
            if (grid.HasPoster)
                yield return [$"{name}, poster",
                    .. grid.Ratios.Select(ratio => EstimateWords.Number(cell(ratio)?.PosterAccuracy))];
        }

        return new TextTable(
            Title(summary, grid, "test accuracy over drop probability, mean ± half the width of the 95% interval"),
            ["method", .. grid.Ratios.Select(ratio => $"p = {ratio}")],
            [
                .. grid.Plain is { } plain ? Rows(MethodGrid.PlainName, _ => plain.Summary) : [], // the same network at any ratio
                .. grid.Methods.SelectMany(method => Rows(method.Name, ratio => method.Cells.GetValueOrDefault(ratio)?.Summary)),
            ]);
    }

    private static TextTable Cells(SweepSummary summary, MethodGrid grid)
    {
        IReadOnlyList<(string Head, Func<CellSummary, string> Text)> columns = CellColumns.Of(grid.Table);
        return new TextTable(
            Title(summary, grid,
                "values after the last epoch, mean ± half the width of the 95% interval; differences are paired by seed"),
            [.. columns.Select(column => column.Head)],
            [.. grid.Table.Cells.Select(cell => (IReadOnlyList<string>)[.. columns.Select(column => column.Text(cell))])]);
    }

    private static string Title(SweepSummary summary, MethodGrid grid, string what) =>
        grid.Table.Name.Length > 0 ? $"{summary.Name}, {grid.Table.Name}: {what}" : $"{summary.Name}: {what}";
}
