using DropoutLab.Dropout;
using DropoutLab.Experiments;
using DropoutLab.Experiments.Statistics;
using DropoutLab.Training;

namespace DropoutLab.Tests.Report;

/// <summary>A sweep's folder like that of the poster's Table 1, with curves that nobody trained: the poster's accuracies and some noise.</summary>
internal sealed class MadeUpTable1
{
    private readonly string root;
    private readonly int epochs;

    public MadeUpTable1(string root, int seeds, int epochs, IReadOnlyList<DropoutRule>? rules = null)
    {
        this.root = root;
        this.epochs = epochs;
        Rules = rules ?? Table1;
        SweepPlan plan = new(
            "table1", [.. Rules.Select(rule => new SweepCell(Name(rule), new Dictionary<string, string> { ["dropout"] = $"{rule}" }, Configuration(rule)))],
            [.. Enumerable.Range(1, seeds).Select(seed => (ulong)seed)]);
        SweepFolder.Open(root, plan, "", threads: 1).Dispose();
        foreach (SweepRun run in plan.Runs)
            WriteEpochs(run, epochs);
    }

    /// <summary>The poster's 19 cells.</summary>
    public static IReadOnlyList<DropoutRule> Table1 { get; } =
    [
        DropoutRule.None,
        .. PosterTable1.Ratios.Select(ratio => DropoutRule.Standard(ratio)),
        .. PosterTable1.Ratios.Select(ratio => DropoutRule.Forward(ratio)),
        .. PosterTable1.Ratios.Select(ratio => DropoutRule.Backward(ratio)),
    ];

    public IReadOnlyList<DropoutRule> Rules { get; }

    /// <summary>Takes a run's epochs away but the first few.</summary>
    public void Cut(string run, int epochsLeft)
    {
        string file = Path.Combine(SweepFolder.RunFolder(root, run), MetricsFile.FileName);
        File.WriteAllLines(file, File.ReadAllLines(file).Take(epochsLeft));
    }

    /// <summary>As <see cref="Cut"/>, with a reason why there are no more.</summary>
    public void Fail(string run, int epochsLeft, string reasonInJson)
    {
        Cut(run, epochsLeft);
        File.WriteAllText(Path.Combine(SweepFolder.RunFolder(root, run), "failure.json"), $$"""{"reason": "{{reasonInJson}}", "exit_code": 1}""");
    }

    private static string Name(DropoutRule rule) => $"{rule}".Replace(':', '-').Replace('/', '-');

    private RunConfiguration Configuration(DropoutRule rule) => new()
    {
        Model = "convnet-quick",
        Dataset = "cifar10",
        Dropout = $"{rule}",
        DropoutAt = "all",
        MaskSharing = $"{MaskSharing.PerDatum}",
        Epochs = epochs,
        BatchSize = 100,
        LearningRate = 0.001,
        Momentum = 0.9,
        WeightDecay = 0.004,
        Seed = 1,
        Precision = "f32",
        Backend = "onednn",
        Threads = 1,
        Environment = new Dictionary<string, string>
        {
            ["dropoutlab"] = "0.1.0", ["backend"] = "onednn 2.6.0 on OpenMP", ["processor"] = "A processor of 16 cores with AVX2",
            ["dotnet"] = "10.0.1", ["os"] = "Debian GNU/Linux 12 (bookworm)",
        },
    };

    private void WriteEpochs(SweepRun run, int count)
    {
        string folder = SweepFolder.RunFolder(root, run.Name);
        Directory.CreateDirectory(folder);
        (Configuration(run.Cell.Rule) with { Seed = run.Seed }).Write(folder);
        File.WriteAllLines(Path.Combine(folder, MetricsFile.FileName), Epochs(run.Cell.Rule, run.Seed, count).Select(MetricsFile.Line));
    }

    private static IEnumerable<EpochMetrics> Epochs(DropoutRule rule, ulong seed, int count)
    {
        double ratio = rule.DropProbability.At(0);
        double cost = rule.Kind switch { DropoutKind.Forward => 3.5, DropoutKind.Backward => 0.5, _ => 1.6 } * ratio;
        double accuracy = PosterTable1.Of(rule) ?? 0.76 - ratio / 10;
        System.Random shared = Noise(seed), own = Noise(seed, (ulong)(ratio * 1000), (ulong)rule.Kind);
        double luck = 0.006 * (shared.NextDouble() - 0.5) + 0.006 * (own.NextDouble() - 0.5);
        for (int epoch = 1; epoch <= count; epoch++)
        {
            double rest = Math.Exp(-(epoch - 1) / 2.6), noise = 0.12 * (own.NextDouble() - 0.5);
            yield return new EpochMetrics(
                epoch, 0.62 + cost + 1.05 * rest + noise, 0.70 + 2.2 * (0.7657 - accuracy) + 0.55 * rest - luck + noise,
                accuracy + luck - 0.3 * rest, 2250 + 40 * noise, epoch > count * 4 / 5 ? 0.0001 : 0.001, 23.4 + noise);
        }
    }

    /// <summary>Seeds that are near to each other would give noise that is.</summary>
    private static System.Random Noise(params IEnumerable<ulong> numbers) =>
        new((int)(numbers.Aggregate(1469598103934665603UL, (hash, number) => (hash ^ number) * 1099511628211) >> 33));
}
