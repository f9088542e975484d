using DropoutLab.Dropout;

namespace DropoutLab.Experiments.Statistics;

/// <summary>A cell in the role that an observation gives it.</summary>
/// <param name="Name">As the poster calls it.</param>
/// <param name="Runs">Its runs; null where the sweep has no such cell.</param>
internal sealed record ComparedCell(string Name, CellRuns? Runs)
{
    public static ComparedCell Of(string name, DropoutRule rule, IReadOnlyList<CellRuns> cells) =>
        new(name, cells.FirstOrDefault(cell => cell.Cell.Rule == rule));
}

/// <summary>The four that the poster compares at a ratio.</summary>
internal sealed record ComparedCells(ComparedCell Plain, ComparedCell Standard, ComparedCell Forward, ComparedCell Backward)
{
    public static ComparedCells At(double ratio, IReadOnlyList<CellRuns> cells) => new(
        new ComparedCell("plain", cells.FirstOrDefault(cell => cell.Cell.Dropout.IsPlain)),
        ComparedCell.Of("standard", DropoutRule.Standard(ratio), cells),
        ComparedCell.Of("forward", DropoutRule.Forward(ratio), cells),
        ComparedCell.Of("backward", DropoutRule.Backward(ratio), cells));
}
