namespace DropoutLab.Dashboard.Charts;

/// <summary>A point of a series.</summary>
/// <param name="X">In the units of the axis.</param>
/// <param name="Y">In the units of the axis.</param>
/// <param name="Low">The interval's lower end; null if there is none.</param>
/// <param name="High">The interval's upper end; null if there is none.</param>
/// <param name="Words">What it is, for who points at it.</param>
/// <param name="Attributes">What a program reads: the value with all its digits, and where it is from.</param>
public sealed record ChartPoint(
    double X, double Y, double? Low, double? High, string Words, IReadOnlyDictionary<string, object>? Attributes = null);
