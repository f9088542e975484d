using DropoutLab.Dropout;
using DropoutLab.Experiments.Statistics;

namespace DropoutLab.Dashboard.Report;

/// <summary>A cell with its dropout read.</summary>
public sealed record TableCell(CellSummary Summary, DropoutSettings Dropout)
{
    public static TableCell Of(CellSummary summary) =>
        new(summary, new DropoutSettings(summary.Dropout, summary.DropoutAt, MaskSharing.PerDatum));

    public DropoutRule Rule => Dropout.Rule;

    /// <summary>p as on the command line, as in 0.3.</summary>
    public string Ratio => $"{Rule.DropProbability}";
}
