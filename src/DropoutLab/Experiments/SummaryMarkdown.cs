using System.Text;
using DropoutLab.Experiments.Statistics;

namespace DropoutLab.Experiments;

/// <summary>A sweep's summary for people.</summary>
internal static class SummaryMarkdown
{
    public static string Text(SweepSummary summary)
    {
        StringBuilder text = new();
        int finished = summary.Count(RunState.Finished), failed = summary.Count(RunState.Failed);
        Line(text, $"# {summary.Name}");
        Line(text, "");
        Line(
            text,
            $"{finished} of {summary.Runs.Count} runs finished{(failed > 0 ? $", {failed} failed" : "")}; seeds "
            + $"{SeedWords.Text(summary.Seeds)}. "
            + "Values are those of the last epoch: mean ± half the width of the 95% interval (Student's t). Differences are "
            + "paired by seed.");
        if (summary.Versions() is { Count: > 1 } versions)
        {
            Line(text, "");
            Line(
                text,
                "The runs are of several versions of DropoutLab, whose masks may differ: "
                    + $"{string.Join(", ", versions.Select(MarkdownText.Escaped))}.");
        }

        foreach (TablesByDistance nearest in summary.NearestToPoster())
            WriteNearest(text, nearest);
        foreach (TableSummary table in summary.Tables)
            Write(text, table);
        WriteFailures(text, summary);
        return text.ToString();
    }

    private static void WriteNearest(StringBuilder text, TablesByDistance nearest)
    {
        Line(text, "");
        Line(text, $"{nearest.Network}: root mean square distance of the accuracies from the poster's, the nearest first:");
        Line(text, "");
        foreach (TableSummary table in nearest.Tables)
            Line(text, $"* {MarkdownText.Escaped(table.Name)}: {EstimateWords.Number(table.PosterDistance)}");
    }

    private static void Write(StringBuilder text, TableSummary table)
    {
        Line(text, "");
        Line(text, $"## {(table.Name.Length > 0 ? MarkdownText.Escaped(table.Name) : "Cells")}");
        Line(text, "");
        Line(text,
            string.Join(", ", table.Settings.Select(setting => $"{setting.Key} {MarkdownText.Escaped(setting.Value)}")) + ".");
        Line(text, "");
        WriteCells(text, table);
        if (table.PosterDistance is { } distance)
        {
            Line(text, "");
            Line(text, $"Root mean square distance of the accuracies from the poster's: {EstimateWords.Number(distance)}.");
        }

        foreach (Observation observation in table.Observations)
            Write(text, observation);
    }

    private static void WriteCells(StringBuilder text, TableSummary table)
    {
        IReadOnlyList<(string Head, Func<CellSummary, string> Text)> columns = CellColumns.Of(table);
        Line(text, $"| {string.Join(" | ", columns.Select(column => column.Head))} |");
        Line(text, $"|{string.Concat(Enumerable.Repeat("---|", columns.Count))}");
        foreach (CellSummary cell in table.Cells)
            Line(text, $"| {string.Join(" | ", columns.Select(column => column.Text(cell)))} |");
    }

    private static void Write(StringBuilder text, Observation observation)
    {
        Line(text, "");
        Line(text, $"**{observation.Topic}: {Word(observation.Verdict)}.** {observation.Text}");
        Line(text, "");
        foreach (Statement statement in observation.Statements)
            Line(
                text,
                $"* {Word(statement.Verdict)}: {statement.Text}; difference "
                    + $"{EstimateWords.Text(statement.Difference, isDifference: true)}, n = {statement.Difference.Count}");
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
            Line(text, $"* {run.Run.Name}: {MarkdownText.Escaped(run.Reason ?? "")}");
    }

    private static string Word(Verdict verdict) => verdict.ToString().ToLowerInvariant();

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}

/// <summary>Text that is to look in Markdown as it is.</summary>
public static class MarkdownText
{
    /// <summary>The asterisks of sites' and shapes' patterns are no emphasis, and what is in angle brackets no HTML.</summary>
    public static string Escaped(string text) =>
        text.Replace("*", @"\*", StringComparison.Ordinal).Replace("<", @"\<", StringComparison.Ordinal);

    /// <summary>The same in a table's cell, which a bar would end.</summary>
    public static string EscapedCell(string text) => Escaped(text).Replace("|", @"\|", StringComparison.Ordinal);
}
