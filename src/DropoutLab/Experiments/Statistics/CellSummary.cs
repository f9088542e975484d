using System.Text.Json.Serialization;
using DropoutLab.Dropout;
using DropoutLab.Runs;
using DropoutLab.Training;

namespace DropoutLab.Experiments.Statistics;

/// <summary>What the finished runs of a cell come to.</summary>
/// <param name="Name">The cell's.</param>
/// <param name="Dropout">The rule.</param>
/// <param name="DropoutAt">The sites.</param>
/// <param name="TestAccuracy">Of the last epoch.</param>
/// <param name="TrainLoss">Of the last epoch, dropout on, in nats.</param>
/// <param name="TestLoss">Of the last epoch, in nats.</param>
/// <param name="AgainstPlain">
/// The differences from the network without dropout; null where there is no such cell, or this is it.
/// </param>
/// <param name="AgainstStandard">
/// The differences from standard dropout at the same ratio; null where there is none, or this is it.
/// </param>
/// <param name="PosterAccuracy">The poster's figure; null where it has none.</param>
/// <param name="Curve">After each epoch.</param>
public sealed record CellSummary(
    string Name,
    [property: JsonConverter(typeof(RuleConverter))] DropoutRule Dropout,
    [property: JsonConverter(typeof(SitesConverter))] SiteSelection DropoutAt,
    Estimate TestAccuracy, Estimate TrainLoss, Estimate TestLoss,
    PairedDifference? AgainstPlain, PairedDifference? AgainstStandard, double? PosterAccuracy, IReadOnlyList<CurvePoint> Curve)
{
    internal static CellSummary Of(CellRuns runs, CellRuns? plain, CellRuns? standard, bool isOfPoster)
    {
        RunConfiguration configuration = runs.Cell.Configuration;
        return new CellSummary(
            runs.Cell.Name, configuration.Dropout, configuration.DropoutAt,
            runs.EstimateOf(Measure.TestAccuracy), runs.EstimateOf(Measure.TrainLoss), runs.EstimateOf(Measure.TestLoss),
            plain is null || plain == runs ? null : PairedDifference.Between(runs, plain),
            standard is null || standard == runs ? null : PairedDifference.Between(runs, standard),
            isOfPoster ? PosterAccuracyOf(configuration, runs.Cell.Rule) : null,
            CurveOf(runs));
    }

    private static double? PosterAccuracyOf(RunConfiguration configuration, DropoutRule rule) =>
        PosterTable1.IsAbout(configuration.Model, configuration.Dataset) ? PosterTable1.Of(rule)
        : PosterTable2.IsAbout(configuration.Model, configuration.Dataset) ? PosterTable2.Of(configuration.Dataset, rule)
        : null;

    private static IReadOnlyList<CurvePoint> CurveOf(CellRuns runs) =>
        [.. runs.Records.Where(record => record.State != RunState.Failed).SelectMany(record => record.Epochs)
            .GroupBy(metrics => metrics.Epoch).OrderBy(epoch => epoch.Key).Select(PointOf)];

    private static CurvePoint PointOf(IGrouping<int, EpochMetrics> epoch)
    {
        Estimate EstimateOf(Measure measure) => Estimate.Of([.. epoch.Select(metrics => measure.Of(metrics))]);
        return new CurvePoint(
            epoch.Key, EstimateOf(Measure.TrainLoss), EstimateOf(Measure.TestLoss), EstimateOf(Measure.TestAccuracy));
    }
}

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

/// <summary>A cell's runs after an epoch, over those that are that far and have not failed.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="TrainLoss">Dropout on, in nats.</param>
/// <param name="TestLoss">Dropout off, in nats.</param>
/// <param name="TestAccuracy">Dropout off.</param>
public sealed record CurvePoint(int Epoch, Estimate TrainLoss, Estimate TestLoss, Estimate TestAccuracy);
