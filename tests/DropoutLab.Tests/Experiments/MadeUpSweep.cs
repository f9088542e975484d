using System.Collections.Concurrent;
using DropoutLab.Backends;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Experiments;
using DropoutLab.Experiments.Statistics;
using DropoutLab.Optimization;
using DropoutLab.Recipes;
using DropoutLab.Runs;
using DropoutLab.Storage;
using DropoutLab.Training;

namespace DropoutLab.Tests.Experiments;

/// <summary>A sweep's folder with runs that nobody trained.</summary>
internal sealed class MadeUpSweep
{
    private readonly string root;
    private readonly SweepPlan plan;
    private readonly ConcurrentDictionary<string, string> configurations = new();

    /// <summary>ConvNet-Quick on CIFAR-10 for two epochs; all runs wait.</summary>
    public MadeUpSweep(string root, IReadOnlyList<string> rules, int seeds)
        : this(root, "made up", [.. rules.Select(rule => Configuration(rule))], seeds)
    {
    }

    /// <summary>All runs wait.</summary>
    public MadeUpSweep(string root, string name, IReadOnlyList<RunConfiguration> cells, int seeds)
    {
        this.root = root;
        bool hasOneDataset = cells.DistinctBy(cell => cell.Dataset).Count() == 1;
        plan = new SweepPlan(
            name,
            [.. cells.Select(cell => new SweepCell(
                NameOf(cell, hasOneDataset),
                new Dictionary<string, string> { ["dropout"] = $"{cell.Dropout}", ["dataset"] = cell.Dataset }, cell))],
            [.. Enumerable.Range(1, seeds).Select(seed => (ulong)seed)]);
        SweepFolder.Open(root, plan, "", threads: 1).Dispose();
    }

    public SweepPlan Plan => plan;

    /// <summary>The poster's 19 cells of Table 1.</summary>
    public static IReadOnlyList<DropoutRule> Table1Rules { get; } =
    [
        DropoutRule.None,
        .. PosterTable1.Ratios.Select(ratio => DropoutRule.Standard(ratio)),
        .. PosterTable1.Ratios.Select(ratio => DropoutRule.Forward(ratio)),
        .. PosterTable1.Ratios.Select(ratio => DropoutRule.Backward(ratio)),
    ];

    /// <summary>
    /// Like the poster's Table 1, or with other rules; all runs have finished, with the poster's accuracies and some noise.
    /// </summary>
    public static MadeUpSweep Table1(string root, int seeds, int epochs, IReadOnlyList<DropoutRule>? rules = null)
    {
        MadeUpSweep sweep = new(
            root, "table1", [.. (rules ?? Table1Rules).Select(rule => Configuration($"{rule}") with { Epochs = epochs })], seeds);
        sweep.FinishAll();
        return sweep;
    }

    /// <summary>Likewise the poster's Table 2.</summary>
    public static MadeUpSweep Table2(string root, int seeds, int epochs)
    {
        IEnumerable<RunConfiguration> CellsOn(string dataset) => PosterTable2.Ratios.Select(ratio => DropoutRule.Standard(ratio))
            .Concat(PosterTable2.Ratios.Select(ratio => DropoutRule.Augmented(ratio, PosterTable2.SecondRatio(dataset))))
            .Select(rule => Configuration($"{rule}") with
            {
                Model = "resnet20",
                Dataset = dataset,
                Recipe = TrainingRecipe.Quick,
                Epochs = epochs,
                BatchSize = 128,
                LearningRate = 0.3,
                Optimizer = new Sgd(momentum: 0.9, weightDecay: 0.0005),
                Augmentation = new(Crop: true, Flip: dataset != "svhn"),
            });
        MadeUpSweep sweep = new(root, "table2", [.. PosterTable2.Datasets.SelectMany(CellsOn)], seeds);
        sweep.FinishAll();
        return sweep;
    }

    /// <summary>ConvNet-Quick on CIFAR-10 for two epochs.</summary>
    public static RunConfiguration Configuration(string rule) => new()
    {
        Model = "convnet-quick",
        Dataset = "cifar10",
        Dropout = DropoutRule.Parse(rule),
        DropoutAt = SiteSelection.All,
        MaskSharing = MaskSharing.PerDatum,
        Epochs = 2,
        BatchSize = 100,
        LearningRate = 0.001,
        Optimizer = new Sgd(momentum: 0.9, weightDecay: 0.004),
        Seed = 1,
        Precision = Precision.Float32,
        Backend = "onednn",
        Threads = 1,
        Environment = new Dictionary<string, string>
        {
            ["dropoutlab"] = "0.1.0",
            ["backend"] = "onednn 2.6.0 on OpenMP",
            ["processor"] = "A processor of 16 cores with AVX2",
            ["dotnet"] = "10.0.1",
            ["os"] = "Debian GNU/Linux 12 (bookworm)",
        },
    };

    /// <summary>Gives the first seeds of a cell two epochs; the last has these values.</summary>
    /// <param name="rule">The cell's rule.</param>
    /// <param name="accuracies">On the test set, a seed each.</param>
    /// <param name="trainLosses">A seed each.</param>
    /// <param name="dataset">The cell's images.</param>
    public void Finish(string rule, IReadOnlyList<double> accuracies, IReadOnlyList<double> trainLosses,
        string dataset = "cifar10", string? at = null)
    {
        SweepCell cell = plan.Cells.Single(cell =>
            cell.Configuration.Dropout == DropoutRule.Parse(rule) && cell.Configuration.Dataset == dataset
            && (at is null || $"{cell.Configuration.DropoutAt}" == at));
        for (int i = 0; i < accuracies.Count; i++)
            Write(new SweepRun(cell, (ulong)i + 1), [MadeUpEpoch.Of(1, 1.5, 1.4, 0.3, 1000, 0.001, 1),
                MadeUpEpoch.Of(2, trainLosses[i], 1.2, accuracies[i], 1000, 0.001, 1)]);
    }

    /// <summary>Takes a run's epochs away but the first few.</summary>
    public void Cut(string run, int epochsLeft)
    {
        string file = Path.Combine(SweepFolder.RunFolder(root, run), MetricsFile.FileName);
        File.WriteAllLines(file, File.ReadAllLines(file).Take(epochsLeft));
    }

    /// <summary>As <see cref="Cut"/>, with a reason why there are no more.</summary>
    public void Fail(string run, int epochsLeft, string reason)
    {
        Cut(run, epochsLeft);
        new RunFailure(reason, 1).Write(SweepFolder.RunFolder(root, run));
    }

    /// <summary>A checkpoint that says after which epoch it was written, and no more.</summary>
    public void WriteCheckpoint(string run, int epoch) => SafetensorsFile.Write(
        Checkpoint.PathIn(SweepFolder.RunFolder(root, run)),
        [NamedArray.Create<float>("w", [1], [0f])], new Dictionary<string, string> { ["epoch"] = $"{epoch}" });

    private static string NameOf(RunConfiguration cell, bool hasOneDataset)
    {
        string dataset = hasOneDataset ? "" : $"-{cell.Dataset}";
        string sites = cell.DropoutAt == SiteSelection.All ? "" : $"-at-{cell.DropoutAt}";
        return $"{cell.Dropout}{dataset}{sites}".Replace(':', '-').Replace('/', '-');
    }

    private void FinishAll() => plan.Runs.AsParallel().ForAll(run => Write(run, MadeUpMetrics.Of(run)));

    private void Write(SweepRun run, IEnumerable<EpochMetrics> epochs)
    {
        string folder = SweepFolder.RunFolder(root, run.Name);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, RunConfiguration.FileName), ConfigurationOf(run, folder));
        File.WriteAllLines(Path.Combine(folder, MetricsFile.FileName), epochs.Select(MetricsFile.Line));
    }

    /// <summary>
    /// As a run writes it, which waits for the disk: once a cell is enough, for its runs differ by their seeds alone.
    /// </summary>
    private string ConfigurationOf(SweepRun run, string folder)
    {
        RunConfiguration ofCell = run.Cell.Configuration;
        string text = configurations.GetOrAdd(run.Cell.Name, _ =>
        {
            ofCell.Write(folder);
            return File.ReadAllText(Path.Combine(folder, RunConfiguration.FileName));
        });
        return text.Replace($"\"seed\": {ofCell.Seed},", $"\"seed\": {run.Seed},", StringComparison.Ordinal);
    }
}
