using System.Text.Json.Serialization;
using DropoutLab.Runs;

namespace DropoutLab.Experiments.Statistics;

/// <summary>Something that the poster observes, as statements that runs can decide.</summary>
/// <param name="Topic">What it is about, as in "p = 0.2" or "augmented dropout".</param>
/// <param name="Text">In the poster's sense.</param>
/// <param name="Statements">What it says, one difference each.</param>
/// <remarks>The intervals are those of single differences; they are not widened for their number.</remarks>
public sealed record Observation(string Topic, string Text, IReadOnlyList<Statement> Statements)
{
    /// <summary>Refuted if a statement is, supported if all are, else undecided.</summary>
    [JsonPropertyOrder(-1)]
    public Verdict Verdict => Statements.Any(statement => statement.Verdict == Verdict.Refuted) ? Verdict.Refuted
        : Statements.All(statement => statement.Verdict == Verdict.Supported) ? Verdict.Supported
        : Verdict.Undecided;

    /// <summary>
    /// The observations that the cells of a table have something to say about: those on their network and images.
    /// </summary>
    internal static IReadOnlyList<Observation> All(IReadOnlyList<CellRuns> cells)
    {
        RunConfiguration configuration = cells[0].Cell.Configuration;
        return PosterTable1.IsAbout(configuration.Model, configuration.Dataset) ? Figure1Observations.Of(cells)
            : PosterTable2.IsAbout(configuration.Model, configuration.Dataset) ? Table2Observations.Of(
                configuration.Dataset, cells)
            : [];
    }
}
