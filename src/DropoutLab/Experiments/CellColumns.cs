using DropoutLab.Experiments.Statistics;

namespace DropoutLab.Experiments;

/// <summary>What a list of a table's cells says of each, as text.</summary>
public static class CellColumns
{
    private static readonly (string Head, Func<CellSummary, string> Text)[] None = [];

    /// <summary>The columns that a table has something for.</summary>
    public static IReadOnlyList<(string Head, Func<CellSummary, string> Text)> Of(TableSummary table) =>
    [
        ("dropout", cell => cell.Dropout.ToString()),
        ("n", cell => $"{cell.TestAccuracy.Count}"),
        ("test accuracy", cell => EstimateWords.Text(cell.TestAccuracy)),
        ("s", cell => EstimateWords.Number(cell.TestAccuracy.StandardDeviation)),
        .. table.ComparesWithPoster ? [("poster", cell => EstimateWords.Number(cell.PosterAccuracy))] : None,
        .. table.ComparesWithPlain
            ? [("over plain", cell => EstimateWords.Difference(cell.AgainstPlain?.TestAccuracy, cell.TestAccuracy.Count))]
            : None,
        .. table.ComparesWithStandard
            ? [("over standard", cell => EstimateWords.Difference(cell.AgainstStandard?.TestAccuracy, cell.TestAccuracy.Count))]
            : None,
        ("training loss", cell => EstimateWords.Text(cell.TrainLoss)),
        ("test loss", cell => EstimateWords.Text(cell.TestLoss)),
    ];
}
