namespace DropoutLab.Dashboard.Explain;

/// <summary>A matrix with its numbers.</summary>
/// <param name="Name">Where the numbers come from, as in per-datum.input: the step and the array's name in an audit.</param>
/// <param name="Symbol">Its symbol, such as X ⊙ F.</param>
/// <param name="Caption">What it is, in a few words.</param>
/// <param name="Tint">What it holds.</param>
/// <param name="RowLabels">A label a row.</param>
/// <param name="ColumnLabels">A label a column.</param>
/// <param name="Cells">The elements in row-major order.</param>
public sealed record MatrixPanel(
    string Name,
    string Symbol,
    string Caption,
    MatrixTint Tint,
    IReadOnlyList<string> RowLabels,
    IReadOnlyList<string> ColumnLabels,
    IReadOnlyList<MatrixCell> Cells) : Panel
{
    public const double CellHeight = 29;
    public const double RowLabelWidth = 58;
    public const double CellsTop = 45;

    private const double NarrowestCell = 48;
    private const double DigitWidth = 7.2;

    public double CellWidth { get; } = Math.Max(NarrowestCell, Cells.Max(cell => cell.Text.Length) * DigitWidth + 4);

    public override double Width => Math.Max(RowLabelWidth + ColumnLabels.Count * CellWidth + 1, TitleWidth);

    public override double Height => CellsTop + RowLabels.Count * CellHeight + 1;

    /// <summary>The matrix in words, for who does not see it.</summary>
    public string Description => string.Join(". ", RowLabels.Select((label, row) => $"{label}: {RowText(row)}"));

    private double TitleWidth => Symbol.Length * 9 + Caption.Length * 6.7 + 12;

    public MatrixCell Cell(int row, int column) => Cells[row * ColumnLabels.Count + column];

    private string RowText(int row) => string.Join(", ", ColumnLabels.Select((_, column) => Cell(row, column) switch
    {
        { Absence: string absence } => absence,
        { Text: string text } => text,
    }));
}
