namespace DropoutLab.Experiments;

/// <summary>Text that is to look in Markdown as it is.</summary>
public static class MarkdownText
{
    /// <summary>The asterisks of sites' and shapes' patterns are no emphasis, and what is in angle brackets no HTML.</summary>
    public static string Escaped(string text) =>
        text.Replace("*", @"\*", StringComparison.Ordinal).Replace("<", @"\<", StringComparison.Ordinal);

    /// <summary>The same in a table's cell, which a bar would end.</summary>
    public static string EscapedCell(string text) => Escaped(text).Replace("|", @"\|", StringComparison.Ordinal);
}
