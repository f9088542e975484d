using DropoutLab.Dropout;

namespace DropoutLab.Experiments.Statistics;

/// <summary>A cell in the role that an observation gives it.</summary>
/// <param name="Name">As the poster calls it.</param>
/// <param name="Runs">Its runs; null where the sweep has no such cell.</param>
internal sealed record Method(string Name, CellRuns? Runs)
{
    public static Method Of(string name, DropoutRule rule, IReadOnlyList<CellRuns> cells) =>
        new(name, cells.FirstOrDefault(cell => cell.Cell.Rule == rule));
}
