using DropoutLab.Dropout;
using DropoutLab.Experiments.Statistics;

namespace DropoutLab.Dashboard.Report;

/// <summary>A cell with its rule read.</summary>
public sealed record TableCell(CellSummary Summary, DropoutRule Rule)
{
    public static TableCell Of(CellSummary summary) => new(summary, DropoutRule.Parse(summary.Dropout));

    /// <summary>p as on the command line, as in 0.3.</summary>
    public string Ratio => $"{Rule.DropProbability}";
}
