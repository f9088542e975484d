namespace DropoutLab.Dashboard.Charts;

/// <summary>A labelled place of an axis.</summary>
public readonly record struct AxisTick(double Value, string Label);
