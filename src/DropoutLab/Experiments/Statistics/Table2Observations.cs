using DropoutLab.Dropout;

namespace DropoutLab.Experiments.Statistics;

/// <summary>What the poster concludes from its Table 2: augmented dropout is more accurate than standard dropout.</summary>
/// <remarks>It is tested at the poster's pairs of ratios only, and apart for the two forms of augmented dropout.</remarks>
internal static class Table2Observations
{
    /// <summary>One for each form of augmented dropout that is among some cells.</summary>
    /// <param name="dataset">The images of all of them.</param>
    /// <param name="cells">Cells of ResNet-20.</param>
    public static IReadOnlyList<Observation> Of(string dataset, IReadOnlyList<CellRuns> cells) =>
    [
        .. cells.Where(cell => cell.Cell.Rule.Kind is DropoutKind.Augmented or DropoutKind.AugmentedIndependent)
            .Where(cell => PosterTable2.Of(dataset, cell.Cell.Rule) is not null)
            .GroupBy(cell => cell.Cell.Rule.Name)
            .Select(form => new Observation(
                $"{form.Key} dropout", "Augmented dropout is more accurate than standard dropout.",
                [.. form.OrderBy(cell => cell.Cell.Rule.DropProbability.At(0))
                    .Select(cell => MoreAccurateThanStandard(cell.Cell.Rule, cells))])),
    ];

    private static Statement MoreAccurateThanStandard(DropoutRule augmented, IReadOnlyList<CellRuns> cells)
    {
        DropoutRule standard = DropoutRule.Standard(augmented.DropProbability);
        return Statement.Of(
            ComparedCell.Of($"{augmented}", augmented, cells), Relation.Above, ComparedCell.Of($"{standard}", standard, cells),
            Measure.TestAccuracy);
    }
}
