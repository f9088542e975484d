namespace DropoutLab.Experiments;

/// <summary>A training option with a value, and where the sweep's file says so.</summary>
/// <param name="Option">The option's name on the command line, without dashes.</param>
/// <param name="Value">As the command line takes it.</param>
/// <param name="Line">In the file, from 1.</param>
public sealed record SweepSetting(string Option, string Value, int Line);
