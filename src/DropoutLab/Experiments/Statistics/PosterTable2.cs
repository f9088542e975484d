using DropoutLab.Dropout;

namespace DropoutLab.Experiments.Statistics;

/// <summary>
/// The poster's Table 2: test accuracies of ResNet-20 under standard dropout, and under augmented dropout with a second ratio q
/// that the data set has for all its rows. It does not say of how many runs; there is none without dropout.
/// </summary>
/// <remarks>
/// Source: Gao, Pei, Huang, "Demystifying Dropout", ICML 2019. The poster does not say how it reads p/q: its figures stand beside
/// both forms of augmented dropout.
/// </remarks>
internal static class PosterTable2
{
    private const string Model = "resnet20";

    private static readonly Dictionary<string, Rows> OfDataset = new()
    {
        ["svhn"] = new Rows(0.0002, Standard: [0.9618, 0.9626, 0.9655], Augmented: [0.9627, 0.9648, 0.9667]),
        ["cifar10"] = new Rows(0.0001, Standard: [0.9193, 0.9176, 0.9163], Augmented: [0.9196, 0.9195, 0.9177]),
        ["cifar100"] = new Rows(0.0001, Standard: [0.6762, 0.6748, 0.6686], Augmented: [0.6786, 0.6770, 0.6688]),
    };

    /// <summary>The drop probabilities p, in the poster's order.</summary>
    public static IReadOnlyList<double> Ratios { get; } = [0.1, 0.2, 0.3];

    /// <summary>The data sets, in the poster's order.</summary>
    public static IReadOnlyList<string> Datasets => [.. OfDataset.Keys];

    /// <summary>The poster's q on a data set of <see cref="Datasets"/>.</summary>
    public static double SecondRatio(string dataset) => OfDataset[dataset].SecondRatio;

    /// <summary>The poster's figure for a rule on a data set, or null if it has none.</summary>
    public static double? Of(string dataset, DropoutRule rule)
    {
        int column = Ratios.ToList().FindIndex(ratio => rule.DropProbability == ratio);
        return column >= 0 && OfDataset.TryGetValue(dataset, out Rows? rows) ? rows.Of(rule)?[column] : null;
    }

    /// <summary>Whether the poster's figures are about this network and these images.</summary>
    public static bool IsAbout(string model, string dataset) => model == Model && OfDataset.ContainsKey(dataset);

    /// <summary>What the table has of a data set, by <see cref="Ratios"/>.</summary>
    private sealed record Rows(double SecondRatio, double[] Standard, double[] Augmented)
    {
        public double[]? Of(DropoutRule rule) => rule.Kind switch
        {
            DropoutKind.Standard => Standard,
            DropoutKind.Augmented or DropoutKind.AugmentedIndependent when rule.SecondDropProbability == SecondRatio => Augmented,
            _ => null,
        };
    }
}
