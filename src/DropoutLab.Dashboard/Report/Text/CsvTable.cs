using System.Globalization;
using DropoutLab.Dashboard.Shared;
using DropoutLab.Experiments;
using DropoutLab.Experiments.Statistics;

namespace DropoutLab.Dashboard.Report.Text;

/// <summary>
/// A sweep's cells for programs, as RFC 4180 has it: a line each, every digit of every number, nothing where there is none.
/// </summary>
public static class CsvTable
{
    private static readonly (string Name, Func<CellSummary, Estimate?> Of)[] Estimates =
    [
        ("test_accuracy", cell => cell.TestAccuracy),
        ("train_loss", cell => cell.TrainLoss),
        ("test_loss", cell => cell.TestLoss),
        ("test_accuracy_over_plain", cell => cell.AgainstPlain?.TestAccuracy),
        ("train_loss_over_plain", cell => cell.AgainstPlain?.TrainLoss),
        ("test_loss_over_plain", cell => cell.AgainstPlain?.TestLoss),
        ("test_accuracy_over_standard", cell => cell.AgainstStandard?.TestAccuracy),
        ("train_loss_over_standard", cell => cell.AgainstStandard?.TrainLoss),
        ("test_loss_over_standard", cell => cell.AgainstStandard?.TestLoss),
    ];

    public static string Render(SweepSummary summary) => Line(
        ["table", "cell", "dropout", "dropout_at", "poster_accuracy",
            .. Estimates.SelectMany(estimate => Columns(estimate.Name))])
        + string.Concat(summary.Tables.SelectMany(table => table.Cells.Select(cell => Line(
            [table.Name, cell.Name, $"{cell.Dropout}", $"{cell.DropoutAt}", Number(cell.PosterAccuracy),
                .. Estimates.SelectMany(estimate => Values(estimate.Of(cell)))]))));

    private static string[] Columns(string name) =>
        [$"{name}_n", $"{name}_mean", $"{name}_standard_deviation", $"{name}_low", $"{name}_high"];

    private static string[] Values(Estimate? estimate) => estimate is null ? ["", "", "", "", ""] :
    [
        estimate.Count.ToString(CultureInfo.InvariantCulture),
        Number(estimate.Mean), Number(estimate.StandardDeviation), Number(estimate.Low), Number(estimate.High),
    ];

    private static string Number(double? value) => value is { } number ? NumberText.Exact(number) : "";

    private static string Line(IEnumerable<string> texts) => string.Join(',', texts.Select(Escape)) + "\r\n";

    private static string Escape(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") >= 0 ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
