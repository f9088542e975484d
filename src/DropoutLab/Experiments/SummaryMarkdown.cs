using System.Globalization;
using System.Text;
using DropoutLab.Experiments.Statistics;

namespace DropoutLab.Experiments;

/// <summary>A sweep's summary for people.</summary>
internal static class SummaryMarkdown
{
    private const string Nothing = "–";

    private static readonly (string Head, Func<CellSummary, string> Text)[] NoColumn = [];

    public static string Text(SweepSummary summary)
    {
        StringBuilder text = new();
        int finished = summary.Count(RunState.Finished), failed = summary.Count(RunState.Failed);
        Line(text, $"# {summary.Name}");
        Line(text, "");
        Line(text, $"{finished} of {summary.Runs.Count} runs finished{(failed > 0 ? $", {failed} failed" : "")}; seeds {string.Join(", ", summary.Seeds)}. "
            + "Values are those of the last epoch: mean ± half the width of the 95% interval (Student's t). Differences are paired by seed.");
        foreach (TableSummary table in summary.Tables)
            Write(text, table);
        WriteFailures(text, summary);
        return text.ToString();
    }

    /// <summary>As in 0.7512 ± 0.0031; the mean alone without an interval.</summary>
    public static string Figure(Estimate? estimate, string format = "0.0000")
    {
        if (estimate?.Mean is not { } mean)
            return Nothing;
        string text = mean.ToString(format, CultureInfo.InvariantCulture);
        return estimate.High is { } high ? $"{text} ± {(high - mean).ToString("0.0000", CultureInfo.InvariantCulture)}" : text;
    }

    private static string Difference(Estimate? estimate) => Figure(estimate, "+0.0000;-0.0000;0.0000");

    private static string Number(double? value) => value?.ToString("0.0000", CultureInfo.InvariantCulture) ?? Nothing;

    private static void Write(StringBuilder text, TableSummary table)
    {
        Line(text, "");
        Line(text, $"## {(table.Name.Length > 0 ? table.Name : "Cells")}");
        Line(text, "");
        Line(text, string.Join(", ", table.Settings.Select(setting => $"{setting.Key} {setting.Value}")) + ".");
        Line(text, "");
        WriteCells(text, table);
        if (table.PosterDistance is { } distance)
        {
            Line(text, "");
            Line(text, $"Root mean square distance of the accuracies from the poster's: {Number(distance)}.");
        }

        foreach (Observation observation in table.Observations)
            Write(text, observation);
    }

    private static void WriteCells(StringBuilder text, TableSummary table)
    {
        (string Head, Func<CellSummary, string> Text)[] columns =
        [
            ("dropout", cell => cell.Dropout),
            ("n", cell => $"{cell.TestAccuracy.Count}"),
            ("test accuracy", cell => Figure(cell.TestAccuracy)),
            ("s", cell => Number(cell.TestAccuracy.StandardDeviation)),
            .. table.ComparesWithPoster ? [("poster", cell => Number(cell.PosterAccuracy))] : NoColumn,
            .. table.ComparesWithPlain ? [("over plain", cell => Difference(cell.AgainstPlain?.TestAccuracy))] : NoColumn,
            .. table.ComparesWithStandard ? [("over standard", cell => Difference(cell.AgainstStandard?.TestAccuracy))] : NoColumn,
            ("training loss", cell => Figure(cell.TrainLoss)),
            ("test loss", cell => Figure(cell.TestLoss)),
        ];
        Line(text, $"| {string.Join(" | ", columns.Select(column => column.Head))} |");
        Line(text, $"|{string.Concat(Enumerable.Repeat("---|", columns.Length))}");
        foreach (CellSummary cell in table.Cells)
            Line(text, $"| {string.Join(" | ", columns.Select(column => column.Text(cell)))} |");
    }

    private static void Write(StringBuilder text, Observation observation)
    {
        Line(text, "");
        Line(text, $"**{observation.Topic}: {Word(observation.Verdict)}.** {observation.Text}");
        Line(text, "");
        foreach (Statement statement in observation.Statements)
            Line(text, $"* {Word(statement.Verdict)}: {statement.Text}; difference {Difference(statement.Difference)}, n = {statement.Difference.Count}");
    }

    private static void WriteFailures(StringBuilder text, SweepSummary summary)
    {
        RunRecord[] failed = [.. summary.Runs.Where(run => run.State == RunState.Failed)];
        if (failed.Length == 0)
            return;
        Line(text, "");
        Line(text, "## Failed runs");
        Line(text, "");
        foreach (RunRecord run in failed)
            Line(text, $"* {run.Run.Name}: {run.Reason}");
    }

    private static string Word(Verdict verdict) => verdict.ToString().ToLowerInvariant();

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
