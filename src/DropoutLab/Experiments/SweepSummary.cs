using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using DropoutLab.Experiments.Statistics;
using DropoutLab.Storage;

namespace DropoutLab.Experiments;

/// <summary>Everything that a sweep's folder has to say, at the moment of reading.</summary>
/// <param name="Name">The sweep's.</param>
/// <param name="IsAtWork">Whether a process works on it.</param>
/// <param name="Seeds">Of each cell.</param>
/// <param name="Runs">All runs, every cell with the first seed, then with the second, and so on.</param>
/// <param name="Tables">
/// The statistics: cells that differ by dropout alone, one table for each combination of the other settings.
/// </param>
public sealed record SweepSummary(
    string Name, bool IsAtWork, IReadOnlyList<ulong> Seeds, IReadOnlyList<RunRecord> Runs, IReadOnlyList<TableSummary> Tables)
{
    /// <summary>The file for programs.</summary>
    public const string FileName = "summary.json";

    /// <summary>The file for people.</summary>
    public const string MarkdownFileName = "summary.md";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new ExactNumberConverter() },
    };

    /// <summary>What a queue of Slurm has of its runs, in words; null where that was not asked, or has none.</summary>
    public string? Queue { get; init; }

    /// <summary>
    /// Reads a sweep's folder, while a sweep works on it or not, or a single run's, as a sweep of one. No checkpoint is read.
    /// </summary>
    /// <exception cref="DropoutLabException">It is no such folder.</exception>
    public static SweepSummary Read(string folder)
    {
        ReportedFolder reported = ReportedFolder.Read(folder);
        bool isAtWork = FolderLock.IsTaken(folder);
        RunRecord[] runs =
            [.. reported.Plan.Runs.AsParallel().AsOrdered().Select(run => RunRecord.Read(run, reported.FolderOf(run)))];
        return Of(reported.Plan, isAtWork, runs);
    }

    /// <summary>
    /// Where several tables are held against the same figures of the poster's, which is nearest. A table that still lacks one of
    /// the figures that another has is left out, since distances over other cells say nothing of each other.
    /// </summary>
    public IReadOnlyList<TablesByDistance> NearestToPoster() =>
    [
        .. Tables.Where(table => table.PosterDistance is not null)
            .GroupBy(table => $"{table.Settings[SettingName.Model]} on {table.Settings[SettingName.Dataset]}")
            .Select(network => new TablesByDistance(network.Key,
                [.. WithTheSameFigures(network).OrderBy(table => table.PosterDistance)]))
            .Where(network => network.Tables.Count > 1),
    ];

    private static IEnumerable<TableSummary> WithTheSameFigures(IEnumerable<TableSummary> tables)
    {
        int most = tables.SelectMany(table => table.RulesOfPoster).Distinct().Count();
        return tables.Where(table => table.RulesOfPoster.Count() == most);
    }

    internal static SweepSummary Of(SweepPlan plan, bool isAtWork, IReadOnlyList<RunRecord> runs)
    {
        ILookup<string, RunRecord> byCell = runs.ToLookup(record => record.Run.Cell.Name);
        return new SweepSummary(
            plan.Name, isAtWork, plan.Seeds, runs,
            TableSummary.All([.. plan.Cells.Select(cell => new CellRuns(cell, [.. byCell[cell.Name]]))]));
    }

    /// <summary>The versions of DropoutLab that the runs were begun with.</summary>
    public IReadOnlyList<string> Versions() =>
        [.. Runs.Select(run => run.Configuration?.Environment.GetValueOrDefault("dropoutlab")).OfType<string>().Distinct()
            .Order(StringComparer.Ordinal)];

    /// <summary>How many runs are in a state.</summary>
    public int Count(RunState state) => Runs.Count(run => run.State == state);

    /// <summary>Writes summary.json and summary.md into a folder. They hold no times: equal runs make equal files.</summary>
    public void Write(string folder)
    {
        AtomicFile.WriteText(Path.Combine(folder, FileName), ToJson());
        AtomicFile.WriteText(Path.Combine(folder, MarkdownFileName), SummaryMarkdown.Text(this));
    }

    /// <summary>The content of summary.json.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            Name,
            Seeds,
            Estimate.Confidence,
            Margins = new { Accuracy = Statement.AccuracyMargin, Loss = Statement.LossMargin },
            Environments = Runs.Where(run => run.Configuration is not null)
                .Select(run => (run.Configuration!.Environment, run.Configuration.Threads))
                .DistinctBy(pair => JsonSerializer.Serialize(pair.Environment) + pair.Threads)
                .Select(pair => new { pair.Threads, pair.Environment }),
            Tables,
            Runs = Runs.Select(RunLine.Of),
        },
        Json) + "\n";

    /// <summary>A run in summary.json: its curves as lists, an item an epoch.</summary>
    private sealed record RunLine(
        string Name, string Cell, ulong Seed, string State,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason,
        IEnumerable<double> TrainLoss, IEnumerable<double> TestLoss, IEnumerable<double> TestAccuracy)
    {
        public static RunLine Of(RunRecord record) => new(
            record.Run.Name, record.Run.Cell.Name, record.Run.Seed, record.State.ToString().ToLowerInvariant(), record.Reason,
            record.Epochs.Select(epoch => epoch.TrainLoss), record.Epochs.Select(epoch => epoch.TestLoss),
            record.Epochs.Select(epoch => epoch.TestAccuracy));
    }
}

/// <summary>Tables that are held against the same figures of the poster's.</summary>
/// <param name="Network">What the figures are of, such as resnet20 on cifar10.</param>
/// <param name="Tables">The nearest first.</param>
public sealed record TablesByDistance(string Network, IReadOnlyList<TableSummary> Tables);
