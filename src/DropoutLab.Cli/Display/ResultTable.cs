using Spectre.Console;

namespace DropoutLab.Cli.Display;

/// <summary>Results in rows: framed on a terminal, bare columns elsewhere.</summary>
internal sealed class ResultTable
{
    private readonly CommandConsole console;
    private readonly Table table;
    private readonly int[] widths;

    /// <param name="console">Where it goes.</param>
    /// <param name="columns">Heads; all but the first are numbers and stand to the right, unless they begin with '&lt;'.</param>
    public ResultTable(CommandConsole console, params ReadOnlySpan<string> columns)
    {
        this.console = console;
        table = new Table();
        widths = new int[columns.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            bool left = i == 0 || columns[i].StartsWith('<');
            string head = columns[i].TrimStart('<');
            widths[i] = CellText.Width(head);
            TableColumn column = new TableColumn(new Text(head, new Style(decoration: Decoration.Bold))).NoWrap();
            table.AddColumn(left ? column.LeftAligned() : column.RightAligned());
        }
    }

    public void AddRow(params IEnumerable<string> cells) => AddRow(cells.Select(cell => (cell, Style.Plain)));

    /// <summary>A row with styles of its own, which a terminal shows in colour.</summary>
    public void AddRow(IEnumerable<(string Text, Style Style)> cells)
    {
        (string Text, Style Style)[] row = [.. cells.Select(cell => cell with { Text = CellText.OnOneLine(cell.Text) })];
        for (int i = 0; i < row.Length; i++)
            widths[i] = Math.Max(widths[i], CellText.Width(row[i].Text));
        table.AddRow(row.Select(cell => new Text(cell.Text, cell.Style)));
    }

    /// <summary>
    /// A table that is too wide loses its frame and runs on over the edge: numbers that are cut or folded mislead.
    /// </summary>
    public void Write()
    {
        int width = console.Ansi.Profile.Width, framed = widths.Sum() + (3 * widths.Length) + 1,
            bare = widths.Sum() + (2 * widths.Length);
        bool hasFrame = console.IsTerminal && framed <= width;
        table.Border = hasFrame ? TableBorder.Rounded : TableBorder.None;
        if (!hasFrame)
        {
            foreach (TableColumn column in table.Columns)
                column.Padding(0, 0, 2, 0);
        }

        console.Ansi.Profile.Width = Math.Max(width, bare);
        console.Ansi.Write(table);
        console.Ansi.Profile.Width = width;
    }
}
