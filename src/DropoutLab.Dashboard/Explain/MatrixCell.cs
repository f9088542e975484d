namespace DropoutLab.Dashboard.Explain;

/// <summary>One element of a matrix.</summary>
/// <param name="Value">The number itself.</param>
/// <param name="Text">The number as it is shown.</param>
/// <param name="Absence">Why it is crossed out, such as "dropped"; null where it is not.</param>
public readonly record struct MatrixCell(double Value, string Text, string? Absence);
