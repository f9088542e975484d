namespace DropoutLab.Dashboard.Report.Text;

/// <summary>A table of texts, to be written in whatever markup.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Columns">Their names.</param>
/// <param name="Rows">A text for each column.</param>
internal sealed record TextTable(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);
