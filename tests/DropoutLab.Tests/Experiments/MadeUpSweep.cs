using DropoutLab.Dropout;
using DropoutLab.Experiments;
using DropoutLab.Training;

namespace DropoutLab.Tests.Experiments;

/// <summary>A sweep's folder with runs of two epochs that nobody trained.</summary>
internal sealed class MadeUpSweep
{
    private readonly string root;

    public MadeUpSweep(string root, IReadOnlyList<string> rules, int seeds)
    {
        this.root = root;
        Rules = rules;
        SweepPlan plan = new(
            "made up", [.. rules.Select(rule => new SweepCell(Name(rule), new Dictionary<string, string> { ["dropout"] = rule }, Configuration(rule)))],
            [.. Enumerable.Range(1, seeds).Select(seed => (ulong)seed)]);
        SweepFolder.Open(root, plan, "", threads: 1).Dispose();
    }

    public IReadOnlyList<string> Rules { get; }

    public static RunConfiguration Configuration(string rule) => new()
    {
        Model = "convnet-quick",
        Dataset = "cifar10",
        Dropout = rule,
        DropoutAt = "all",
        MaskSharing = $"{MaskSharing.PerDatum}",
        Epochs = 2,
        BatchSize = 100,
        LearningRate = 0.001,
        Momentum = 0.9,
        WeightDecay = 0.004,
        Seed = 1,
        Precision = "f32",
        Backend = "onednn",
        Threads = 1,
        Environment = new Dictionary<string, string>(),
    };

    /// <summary>Gives the first seeds of a rule two epochs; the last has these values.</summary>
    public void Finish(string rule, IReadOnlyList<double> accuracies, IReadOnlyList<double> trainLosses)
    {
        for (int i = 0; i < accuracies.Count; i++)
        {
            string folder = SweepFolder.RunFolder(root, $"{Name(rule)}-s{i + 1}");
            Directory.CreateDirectory(folder);
            (Configuration(rule) with { Seed = (ulong)i + 1 }).Write(folder);
            EpochMetrics[] epochs = [new(1, 1.5, 1.4, 0.3, 1000, 0.001, 1), new(2, trainLosses[i], 1.2, accuracies[i], 1000, 0.001, 1)];
            File.WriteAllLines(Path.Combine(folder, MetricsFile.FileName), epochs.Select(MetricsFile.Line));
        }
    }

    private static string Name(string rule) => rule.Replace(':', '-');
}
