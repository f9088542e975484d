using System.Text.Json.Serialization;

namespace DropoutLab.Experiments.Statistics;

/// <summary>One of the poster's three observations, as statements that runs can decide.</summary>
/// <param name="Ratio">The drop probability that it is about.</param>
/// <param name="Text">In the poster's sense.</param>
/// <param name="Statements">What it says, one difference each.</param>
/// <remarks>
/// "Much larger" is tested as larger, for the poster gives no number. "Approach", "little effect" and "does not generalise better" are
/// tested with the margins of <see cref="Statement"/>. The intervals are those of single differences; they are not widened for their
/// number.
/// </remarks>
public sealed record Observation(double Ratio, string Text, IReadOnlyList<Statement> Statements)
{
    /// <summary>Refuted if a statement is, supported if all are, else undecided.</summary>
    [JsonPropertyOrder(-1)]
    public Verdict Verdict => Statements.Any(statement => statement.Verdict == Verdict.Refuted) ? Verdict.Refuted
        : Statements.All(statement => statement.Verdict == Verdict.Supported) ? Verdict.Supported
        : Verdict.Undecided;

    /// <summary>The observations that some cells have something to say about.</summary>
    internal static IReadOnlyList<Observation> All(IReadOnlyList<CellRuns> cells) =>
        [.. new[] { AtLargeRatio(cells), AtMiddleRatio(cells), AtSmallRatio(cells) }
            .Where(observation => cells.Any(cell => cell.Cell.Rule.DropProbability == observation.Ratio))];

    private static Observation AtLargeRatio(IReadOnlyList<CellRuns> cells)
    {
        const double Ratio = 0.2;
        Methods at = Methods.At(Ratio, cells);
        return new Observation(
            Ratio,
            "Forward dropout's training loss is much larger than the others' and its accuracy lower; backward dropout reaches a smaller "
                + "training loss than standard but does not generalise better.",
            [
                .. new[] { at.Plain, at.Standard, at.Backward }.Select(other => Statement.Of(at.Forward, Relation.Above, other, Measure.TrainLoss)),
                .. new[] { at.Plain, at.Standard, at.Backward }.Select(other => Statement.Of(at.Forward, Relation.Below, other, Measure.TestAccuracy)),
                Statement.Of(at.Backward, Relation.Below, at.Standard, Measure.TrainLoss),
                Statement.Of(at.Backward, Relation.NotAbove, at.Standard, Measure.TestAccuracy),
            ]);
    }

    private static Observation AtMiddleRatio(IReadOnlyList<CellRuns> cells)
    {
        const double Ratio = 0.05;
        Methods at = Methods.At(Ratio, cells);
        return new Observation(
            Ratio,
            "Forward's and backward's training loss approach standard's, both accuracies are above plain's, and forward beats backward.",
            [
                Statement.Of(at.Forward, Relation.Near, at.Standard, Measure.TrainLoss),
                Statement.Of(at.Backward, Relation.Near, at.Standard, Measure.TrainLoss),
                Statement.Of(at.Forward, Relation.Above, at.Plain, Measure.TestAccuracy),
                Statement.Of(at.Backward, Relation.Above, at.Plain, Measure.TestAccuracy),
                Statement.Of(at.Forward, Relation.Above, at.Backward, Measure.TestAccuracy),
            ]);
    }

    private static Observation AtSmallRatio(IReadOnlyList<CellRuns> cells)
    {
        const double Ratio = 0.005;
        Methods at = Methods.At(Ratio, cells);
        return new Observation(
            Ratio,
            "Forward dropout has little effect; backward dropout is better than plain.",
            [
                Statement.Of(at.Forward, Relation.Near, at.Plain, Measure.TestAccuracy),
                Statement.Of(at.Forward, Relation.Near, at.Plain, Measure.TrainLoss),
                Statement.Of(at.Backward, Relation.Above, at.Plain, Measure.TestAccuracy),
            ]);
    }
}
