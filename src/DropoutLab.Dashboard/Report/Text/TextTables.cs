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
                yield return [$"{name}, poster", .. grid.Ratios.Select(ratio => EstimateWords.Number(cell(ratio)?.PosterAccuracy))];
        }

        return new TextTable(
            Title(summary, grid, "test accuracy over drop probability, mean ± half the width of the 95% interval"), ["method", .. grid.Ratios.Select(ratio => $"p = {ratio}")],
            [
                .. grid.Plain is { } plain ? Rows(MethodGrid.PlainName, ratio => ratio == grid.Ratios[0] ? plain.Summary : null) : [],
                .. grid.Methods.SelectMany(method => Rows(method.Name, ratio => method.Cells.GetValueOrDefault(ratio)?.Summary)),
            ]);
    }

    private static TextTable Cells(SweepSummary summary, MethodGrid grid)
    {
        string[] poster = grid.HasPoster ? ["poster"] : [];
        return new TextTable(
            Title(summary, grid, "values after the last epoch, mean ± half the width of the 95% interval; differences are paired by seed"),
            ["dropout", "n", "test accuracy", "s", .. poster, "over plain", "over standard", "training loss", "test loss"],
            [.. grid.Table.Cells.Select(cell => Row(cell, grid.HasPoster))]);
    }

    private static IReadOnlyList<string> Row(CellSummary cell, bool hasPoster) =>
    [
        cell.Dropout, $"{cell.TestAccuracy.Count}", EstimateWords.Text(cell.TestAccuracy), EstimateWords.Number(cell.TestAccuracy.StandardDeviation),
        .. hasPoster ? [EstimateWords.Number(cell.PosterAccuracy)] : Array.Empty<string>(),
        EstimateWords.Text(cell.AgainstPlain?.TestAccuracy, isDifference: true), EstimateWords.Text(cell.AgainstStandard?.TestAccuracy, isDifference: true),
        EstimateWords.Text(cell.TrainLoss), EstimateWords.Text(cell.TestLoss),
    ];

    private static string Title(SweepSummary summary, MethodGrid grid, string what) =>
        grid.Table.Name.Length > 0 ? $"{summary.Name}, {grid.Table.Name}: {what}" : $"{summary.Name}: {what}";
}
