using DropoutLab.Training;

namespace DropoutLab.Experiments.Statistics;

/// <summary>The runs of a cell.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Records">All its runs.</param>
internal sealed record CellRuns(SweepCell Cell, IReadOnlyList<RunRecord> Records)
{
    /// <summary>The last epoch of each finished run, by seed.</summary>
    public IReadOnlyDictionary<ulong, EpochMetrics> Finished { get; } = Records.Where(record => record.State == RunState.Finished)
        .ToDictionary(record => record.Run.Seed, record => record.Epochs[^1]);

    public Estimate EstimateOf(Measure measure) => Estimate.Of([.. Finished.Values.Select(metrics => measure.Of(metrics))]);
}
