using System.Globalization;

namespace DropoutLab.Experiments.Statistics;

/// <summary>The poster's three observations on ConvNet-Quick and CIFAR-10, at the ratios of its Figure 1.</summary>
/// <remarks>
/// "Much larger" is tested as larger, for the poster gives no number. "Approach", "little effect" and "does not generalise
/// better" are tested with the margins of <see cref="Statement"/>.
/// </remarks>
internal static class Figure1Observations
{
    private const double Large = 0.2, Middle = 0.05, Small = 0.005;

    /// <summary>Those at the ratios that some cells have.</summary>
    public static IReadOnlyList<Observation> Of(IReadOnlyList<CellRuns> cells)
    {
        (double Ratio,
            Func<IReadOnlyList<CellRuns>, Observation> Of)[] all = [(Large, AtLarge), (Middle, AtMiddle), (Small, AtSmall)];
        return [.. all.Where(one => cells.Any(cell => cell.Cell.Rule.DropProbability == one.Ratio)).Select(one => one.Of(cells))];
    }

    private static Observation AtLarge(IReadOnlyList<CellRuns> cells)
    {
        ComparedCells at = ComparedCells.At(Large, cells);
        return new Observation(
            Topic(Large),
            "Forward dropout's training loss is much larger than the others' and its accuracy lower; backward dropout reaches a "
                + "smaller training loss than standard but does not generalise better.",
            [
                .. new[] { at.Plain, at.Standard, at.Backward }
                    .Select(other => Statement.Of(at.Forward, Relation.Above, other, Measure.TrainLoss)),
                .. new[] { at.Plain, at.Standard, at.Backward }
                    .Select(other => Statement.Of(at.Forward, Relation.Below, other, Measure.TestAccuracy)),
                Statement.Of(at.Backward, Relation.Below, at.Standard, Measure.TrainLoss),
                Statement.Of(at.Backward, Relation.NotAbove, at.Standard, Measure.TestAccuracy),
            ]);
    }

    private static Observation AtMiddle(IReadOnlyList<CellRuns> cells)
    {
        ComparedCells at = ComparedCells.At(Middle, cells);
        return new Observation(
            Topic(Middle),
            "Forward's and backward's training loss approach standard's, both accuracies are above plain's, and forward beats "
                + "backward.",
            [
                Statement.Of(at.Forward, Relation.Near, at.Standard, Measure.TrainLoss),
                Statement.Of(at.Backward, Relation.Near, at.Standard, Measure.TrainLoss),
                Statement.Of(at.Forward, Relation.Above, at.Plain, Measure.TestAccuracy),
                Statement.Of(at.Backward, Relation.Above, at.Plain, Measure.TestAccuracy),
                Statement.Of(at.Forward, Relation.Above, at.Backward, Measure.TestAccuracy),
            ]);
    }

    private static Observation AtSmall(IReadOnlyList<CellRuns> cells)
    {
        ComparedCells at = ComparedCells.At(Small, cells);
        return new Observation(
            Topic(Small),
            "Forward dropout has little effect; backward dropout is better than plain.",
            [
                Statement.Of(at.Forward, Relation.Near, at.Plain, Measure.TestAccuracy),
                Statement.Of(at.Forward, Relation.Near, at.Plain, Measure.TrainLoss),
                Statement.Of(at.Backward, Relation.Above, at.Plain, Measure.TestAccuracy),
            ]);
    }

    private static string Topic(double ratio) => string.Create(CultureInfo.InvariantCulture, $"p = {ratio}");
}
