namespace DropoutLab.Experiments;

/// <summary>Options with values to combine, each value of one with each of the others.</summary>
/// <param name="Line">Where it begins in the sweep's file.</param>
/// <param name="Axes">For each option the values, in the file's order.</param>
public sealed record SweepGrid(int Line, IReadOnlyList<IReadOnlyList<SweepSetting>> Axes)
{
    /// <summary>Every combination, the last option's values changing fastest.</summary>
    public IEnumerable<IReadOnlyList<SweepSetting>> Combinations() => Axes.Aggregate(
        (IEnumerable<IReadOnlyList<SweepSetting>>)[[]],
        (rows, axis) => rows.SelectMany(row => axis, (row, value) => (IReadOnlyList<SweepSetting>)[.. row, value]));
}
