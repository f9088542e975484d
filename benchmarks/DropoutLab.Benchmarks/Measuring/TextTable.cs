namespace DropoutLab.Benchmarks.Measuring;

/// <summary>Columns of plain text, the first flush left and the others flush right.</summary>
internal sealed class TextTable(params string[] heads)
{
    private readonly List<string[]> rows = [heads];

    public void Add(params string[] cells) => rows.Add(cells);

    public void Write(TextWriter output)
    {
        int[] widths = [.. heads.Select((_, column) => rows.Max(row => row[column].Length))];
        string Padded(string cell, int column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]);
        foreach (string[] row in rows)
            output.WriteLine(string.Join("  ", row.Select(Padded)));
    }
}
