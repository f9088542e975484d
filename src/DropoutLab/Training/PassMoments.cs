using System.Numerics.Tensors;

namespace DropoutLab.Training;

/// <summary>
/// What K passes over the same images come to, kept as they go: mean and spread of each probability by Welford's recurrence, which
/// keeps what subtracting a squared mean would cancel, and the likelihood of the labels in logarithms, which do not underflow.
/// </summary>
/// <remarks>Source: Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 1962.</remarks>
internal sealed class PassMoments
{
    private readonly int classCount;
    private readonly double[] logProbabilities;
    private readonly double[] means;
    private readonly double[] squaredDeviations;
    private readonly double[] logLikelihoods;

    public PassMoments(int imageCount, int classCount)
    {
        this.classCount = classCount;
        logProbabilities = new double[classCount];
        means = new double[imageCount * classCount];
        squaredDeviations = new double[imageCount * classCount];
        logLikelihoods = new double[imageCount];
        Array.Fill(logLikelihoods, double.NegativeInfinity);
    }

    /// <summary>The mean probabilities [N, classes].</summary>
    public double[] Means => means;

    /// <summary>Adds what a pass, counted from 0, says of the images from <paramref name="firstImage"/> on.</summary>
    public void Add(int pass, int firstImage, ReadOnlySpan<double> logits, ReadOnlySpan<byte> labels)
    {
        for (int i = 0; i * classCount < logits.Length; i++)
            Add(pass, firstImage + i, logits.Slice(i * classCount, classCount), labels[firstImage + i]);
    }

    /// <summary>√(Σₖ (pₖ − mean)² / K) of each probability [N, classes].</summary>
    public double[] StandardDeviations(int passes) => [.. squaredDeviations.Select(sum => Math.Sqrt(sum / passes))];

    /// <summary>The mean over the images of −log of the mean probability of the label.</summary>
    public double Loss(int passes) => Math.Log(passes) - TensorPrimitives.Sum<double>(logLikelihoods) / logLikelihoods.Length;

    private void Add(int pass, int image, ReadOnlySpan<double> logits, int label)
    {
        LogSoftmax.Of(logits, logProbabilities);
        logLikelihoods[image] = LogSoftmax.Add(logLikelihoods[image], logProbabilities[label]);
        for (int i = 0; i < classCount; i++)
        {
            ref double mean = ref means[image * classCount + i];
            double probability = Math.Exp(logProbabilities[i]), deviation = probability - mean;
            mean += deviation / (pass + 1);
            squaredDeviations[image * classCount + i] += deviation * (probability - mean);
        }
    }
}
