using DropoutLab.Dropout;

namespace DropoutLab.Experiments.Statistics;

/// <summary>The poster's Table 1: test accuracies of ConvNet-Quick on CIFAR-10. It does not say of how many runs.</summary>
/// <remarks>Source: Gao, Pei, Huang, "Demystifying Dropout", ICML 2019.</remarks>
public static class PosterTable1
{
    /// <summary>The accuracy without dropout.</summary>
    public const double Plain = 0.7579;

    /// <summary>The ratios of the columns, in the poster's order.</summary>
    public static IReadOnlyList<double> Ratios { get; } = [0.3, 0.2, 0.1, 0.05, 0.01, 0.005];

    private static readonly Dictionary<DropoutKind, double[]> Rows = new()
    {
        [DropoutKind.Standard] = [0.7523, 0.7617, 0.7657, 0.7647, 0.7626, 0.7608],
        [DropoutKind.Forward] = [0.6908, 0.7211, 0.7482, 0.7627, 0.7612, 0.7578],
        [DropoutKind.Backward] = [0.7433, 0.7557, 0.7585, 0.7593, 0.7583, 0.7599],
    };

    /// <summary>The poster's figure for a rule, or null if it has none.</summary>
    public static double? Of(DropoutRule rule)
    {
        if (rule.IsPlain)
            return Plain;
        int column = Ratios.ToList().FindIndex(ratio => rule.DropProbability == ratio);
        return column >= 0 && Rows.TryGetValue(rule.Kind, out double[]? row) ? row[column] : null;
    }

    /// <summary>Whether the poster's figures are about this network and these images.</summary>
    public static bool IsAbout(string model, string dataset) => model == "convnet-quick" && dataset == "cifar10";
}
