using DropoutLab.Dropout;
using DropoutLab.Experiments;
using DropoutLab.Experiments.Statistics;
using DropoutLab.Runs;
using DropoutLab.Training;

namespace DropoutLab.Tests.Experiments;

/// <summary>Curves that look like those of a training: the poster's accuracy at the end, and some noise by the seed.</summary>
internal static class MadeUpMetrics
{
    public static IEnumerable<EpochMetrics> Of(SweepRun run)
    {
        RunConfiguration configuration = run.Cell.Configuration;
        DropoutRule rule = run.Cell.Rule;
        int count = configuration.Epochs;
        double ratio = rule.DropProbability.At(0);
        double cost = rule.Kind switch { DropoutKind.Forward => 3.5, DropoutKind.Backward => 0.5, _ => 1.6 } * ratio;
        double accuracy = PosterTable2.IsAbout(configuration.Model, configuration.Dataset)
            ? PosterTable2.Of(configuration.Dataset, rule) ?? 0.9
            : PosterTable1.Of(rule) ?? 0.76 - ratio / 10;
        System.Random shared = Noise(run.Seed), own = Noise(run.Seed, (ulong)(ratio * 1000), (ulong)rule.Kind);
        double luck = 0.006 * (shared.NextDouble() - 0.5) + 0.006 * (own.NextDouble() - 0.5);
        for (int epoch = 1; epoch <= count; epoch++)
        {
            double rest = Math.Exp(-(epoch - 1) / 2.6), noise = 0.12 * (own.NextDouble() - 0.5);
            yield return MadeUpEpoch.Of(
                epoch, 0.62 + cost + 1.05 * rest + noise, 0.70 + 2.2 * (0.7657 - accuracy) + 0.55 * rest - luck + noise,
                accuracy + luck - 0.3 * rest, 2250 + 40 * noise, epoch > count * 4 / 5 ? 0.0001 : 0.001, 23.4 + noise);
        }
    }

    /// <summary>Seeds that are near to each other would give noise that is.</summary>
    private static System.Random Noise(params IEnumerable<ulong> numbers) =>
        new((int)(numbers.Aggregate(1469598103934665603UL, (hash, number) => (hash ^ number) * 1099511628211) >> 33));
}
