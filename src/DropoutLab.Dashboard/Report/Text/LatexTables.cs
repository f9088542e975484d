using System.Text;
using DropoutLab.Experiments;

namespace DropoutLab.Dashboard.Report.Text;

/// <summary>A sweep's tables in LaTeX, with the rules of the package booktabs.</summary>
public static class LatexTables
{
    public static string Render(SweepSummary summary) =>
        "% needs \\usepackage{booktabs}\n" + string.Concat(TextTables.Of(summary).Select(Render));

    private static string Render(TextTable table) => $$"""
        \begin{table}
        \centering
        \caption{{{Escape(table.Title)}}}
        \begin{tabular}{l{{new string('r', table.Columns.Count - 1)}}}
        \toprule
        {{Row(table.Columns)}}
        \midrule
        {{string.Join('\n', table.Rows.Select(Row))}}
        \bottomrule
        \end{tabular}
        \end{table}

        """;

    private static string Row(IReadOnlyList<string> texts) => string.Join(" & ", texts.Select(Escape)) + " \\\\";

    private static string Escape(string text)
    {
        StringBuilder escaped = new();
        foreach (char letter in text)
            escaped.Append(Escape(letter));
        return escaped.ToString();
    }

    private static string Escape(char letter) => letter switch
    {
        '&' or '%' or '$' or '#' or '_' or '{' or '}' => $"\\{letter}",
        '\\' => "\\textbackslash{}",
        '~' => "\\textasciitilde{}",
        '^' => "\\textasciicircum{}",
        '<' or '>' or '|' => $"${letter}$",
        '±' => "$\\pm$",
        '×' => "$\\times$",
        '−' => "$-$",
        '–' => "--",
        '’' => "'",
        _ => $"{letter}",
    };
}
