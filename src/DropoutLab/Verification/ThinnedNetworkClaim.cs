using DropoutLab.Auditing;
using DropoutLab.Dropout;
using DropoutLab.Models;

namespace DropoutLab.Verification;

/// <summary>
/// One backward pass serves data with networks of their own: the gradient of a minibatch under standard dropout is the mean of
/// the gradients of each datum's thinned network. Shown on a multilayer perceptron with dropout at every layer.
/// </summary>
internal static class ThinnedNetworkClaim
{
    private const double DropProbability = 0.3;

    public static IEnumerable<ClaimResult> Check(VerifiedSteps steps)
    {
        Measurement claim = new(
            "gradient: mean over thinned networks", "one backward pass serves as many networks as there are data",
            DeviationUnit.RelativeToNorm, PrecisionBounds.Of(steps.Subject.Precision));
        Network network = Mlp.Create(new ImageShape(6, 6, 3), 10, 64, 48);
        VerificationSubject perceptron = steps.Subject with
        {
            Network = network,
            Sites = [.. network.Sites.Select(site => site.Name)],
            Sharing = OverData(steps.Subject.Sharing),
        };
        VerifiedSteps own = new(perceptron);
        IReadOnlyList<LayerAudit> layers = own.Run(DropoutRule.Standard(DropProbability));

        (double[][] weights, double[][] biases) = MeanGradients(layers, own);
        for (int number = 0; number < layers.Count; number++)
        {
            LayerAudit layer = layers[number];
            claim.Add(Deviations.RelativeToNorm(layer.WeightGradient.Values, weights[number]), $"mlp's {layer.Name}.weight");
            claim.Add(Deviations.RelativeToNorm(layer.BiasGradient!.Values, biases[number]), $"mlp's {layer.Name}.bias");
        }

        return [claim.Result];
    }

    /// <summary>The sharing among data alone, which fits whatever axes an input has.</summary>
    private static MaskSharing OverData(MaskSharing sharing) =>
        sharing.AcrossData ? MaskSharing.PerMinibatch : sharing == MaskSharing.Pair ? sharing : MaskSharing.PerDatum;

    private static (double[][] Weights, double[][] Biases) MeanGradients(IReadOnlyList<LayerAudit> layers, VerifiedSteps steps)
    {
        double[][] weights = [.. layers.Select(layer => new double[layer.Weight.Values.Length])];
        double[][] biases = [.. layers.Select(layer => new double[layer.Weight.Shape[0]])];
        double[][] factors = [.. layers.Select((layer, number) => Factor(layer, number, steps.Subject))];
        IReadOnlyList<int> labels = steps.Input.Labels;
        for (int datum = 0; datum < labels.Count; datum++)
            new ThinnedNetwork(layers, datum, factors, 1 / (1 - DropProbability))
                .AddGradients(labels[datum], 1.0 / labels.Count, weights, biases);
        return (weights, biases);
    }

    private static double[] Factor(LayerAudit layer, int number, VerificationSubject subject) => RecomputedFactors.Of(
        DropoutRule.Standard(DropProbability), subject.Sharing, subject.Seed, number, VerifiedSteps.Number,
        layer.Input.Shape).Forward;
}
