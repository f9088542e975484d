using Spectre.Console;

namespace DropoutLab.Cli.Display;

/// <summary>Results in rows: framed on a terminal, bare columns elsewhere.</summary>
internal sealed class ResultTable
{
    private readonly CommandConsole console;
    private readonly Table table;

    /// <param name="console">Where it goes.</param>
    /// <param name="columns">Heads; all but the first are numbers and stand to the right, unless they begin with '&lt;'.</param>
    public ResultTable(CommandConsole console, params ReadOnlySpan<string> columns)
    {
        this.console = console;
        table = new Table { Border = console.IsTerminal ? TableBorder.Rounded : TableBorder.None };
        for (int i = 0; i < columns.Length; i++)
        {
            bool left = i == 0 || columns[i].StartsWith('<');
            TableColumn column = new TableColumn(new Text(columns[i].TrimStart('<'), new Style(decoration: Decoration.Bold))).NoWrap();
            if (!console.IsTerminal)
                column.Padding(0, 0, 2, 0);
            table.AddColumn(left ? column.LeftAligned() : column.RightAligned());
        }
    }

    public void AddRow(params IEnumerable<string> cells) => AddRow(cells.Select(cell => new Text(cell)));

    /// <summary>A row with styles of its own, which a terminal shows in colour.</summary>
    public void AddRow(IEnumerable<Text> cells) => table.AddRow(cells);

    public void Write() => console.Ansi.Write(table);
}
