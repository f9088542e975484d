using DropoutLab.Experiments;

namespace DropoutLab.Dashboard.Report.Text;

/// <summary>A sweep's tables in Markdown.</summary>
public static class MarkdownTables
{
    public static string Render(SweepSummary summary) => string.Join('\n', TextTables.Of(summary).Select(Render));

    private static string Render(TextTable table) =>
        $"{MarkdownText.Escaped(table.Title)}\n\n{Row(table.Columns)}"
        + Row([.. table.Columns.Select((_, i) => i == 0 ? ":---" : "---:")])
        + string.Concat(table.Rows.Select(Row));

    private static string Row(IReadOnlyList<string> texts) =>
        $"| {string.Join(" | ", texts.Select(MarkdownText.EscapedCell))} |\n";
}
