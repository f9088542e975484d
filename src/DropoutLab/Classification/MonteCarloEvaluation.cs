using DropoutLab.Training;

namespace DropoutLab.Classification;

/// <summary>
/// Monte Carlo dropout: the prediction for an image is the mean of the softmax probabilities of K forward passes with dropout on,
/// each with masks of its own, p̄ = (1/K) Σₖ softmax(zₖ).
/// </summary>
/// <param name="MeanPrediction">
/// Loss (of p̄: the mean of −log p̄[label]), accuracy and calibration error of the mean prediction.
/// </param>
/// <param name="Passes">K.</param>
/// <param name="PassesDiffer">
/// Whether the forward pass draws masks. Where it does not, as under backward dropout, all passes are alike and one was computed.
/// </param>
/// <param name="MeanProbabilities">p̄ [N, classes].</param>
/// <param name="StandardDeviations">
/// √((1/K) Σₖ (softmax(zₖ) − p̄)²) of each probability [N, classes]: 0 where all passes agree.
/// </param>
/// <remarks>Source: Gal and Ghahramani, "Dropout as a Bayesian Approximation", ICML 2016.</remarks>
public sealed record MonteCarloEvaluation(
    Evaluation MeanPrediction, int Passes, bool PassesDiffer, ReadOnlyMemory<double> MeanProbabilities,
    ReadOnlyMemory<double> StandardDeviations)
{
    /// <summary>The largest K.</summary>
    public const int MostPasses = Trainer.ReservedSteps;

    /// <exception cref="DropoutLabException">The number of passes is out of range.</exception>
    internal static void Check(int passes)
    {
        if (passes is < 1 or > MostPasses)
            throw new DropoutLabException($"the number of passes must be from 1 to {MostPasses}, not {passes}");
    }

    /// <summary>
    /// −Σ p̄ log p̄ of each image [N], in nats: from 0 for a sure prediction to the logarithm of the number of classes.
    /// </summary>
    public double[] PredictiveEntropy()
    {
        double[] entropies = new double[MeanPrediction.Count];
        int classCount = MeanProbabilities.Length / entropies.Length;
        for (int i = 0; i < MeanProbabilities.Length; i++)
        {
            double probability = MeanProbabilities.Span[i];
            // 0 log 0 is 0.
            entropies[i / classCount] -= probability > 0 ? probability * Math.Log(probability) : 0;
        }

        return entropies;
    }
}

/// <summary>The mean prediction of K passes with dropout on, each with masks of its own, and how far they lie apart.</summary>
/// <param name="Means">The mean of each probability [N, classes], or of each number that is predicted [N, 1].</param>
/// <param name="StandardDeviations">√((1/K) Σₖ (yₖ − mean)²) of each.</param>
/// <param name="PassesDiffer">Whether the forward pass draws masks; where it does not, all passes are alike.</param>
public sealed record PredictionSpread(
    ReadOnlyMemory<double> Means, ReadOnlyMemory<double> StandardDeviations, bool PassesDiffer);
