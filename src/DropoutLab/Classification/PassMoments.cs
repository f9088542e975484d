using System.Numerics.Tensors;

namespace DropoutLab.Classification;

/// <summary>
/// What K passes over the same data come to, kept as they go: mean and spread of each probability, or of each number to predict,
/// by Welford's recurrence, which keeps what subtracting a squared mean would cancel, and the likelihood of the labels in
/// logarithms, which do not underflow.
/// </summary>
/// <remarks>
/// Source: Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 1962.
/// </remarks>
internal sealed class PassMoments
{
    private readonly int classCount;
    private readonly bool areNumbers;
    private readonly double[] logProbabilities;
    private readonly double[] means;
    private readonly double[] squaredDeviations;
    private readonly double[] logLikelihoods;

    public PassMoments(int imageCount, int classCount, bool areNumbers = false)
    {
        (this.classCount, this.areNumbers) = (classCount, areNumbers);
        logProbabilities = new double[classCount];
        means = new double[imageCount * classCount];
        squaredDeviations = new double[imageCount * classCount];
        logLikelihoods = new double[imageCount];
        Array.Fill(logLikelihoods, double.NegativeInfinity);
    }

    /// <summary>The mean probabilities [N, classes], or numbers.</summary>
    public double[] Means => means;

    /// <summary>
    /// Adds what a pass, counted from 0, says of a batch of images from <paramref name="firstImage"/> on, and how likely it makes
    /// their labels, where there are any.
    /// </summary>
    public void Add(int pass, int firstImage, ReadOnlySpan<double> logits, ReadOnlySpan<int> labels)
    {
        for (int i = 0; i * classCount < logits.Length; i++)
            Add(pass, firstImage + i, logits.Slice(i * classCount, classCount), labels.IsEmpty ? null : labels[i]);
    }

    /// <summary>Adds the mean prediction for each image of a batch.</summary>
    public void AddTo(ReliabilityDiagram reliability, int firstImage, ReadOnlySpan<int> labels)
    {
        for (int i = 0; i < labels.Length; i++)
            reliability.Add(means.AsSpan((firstImage + i) * classCount, classCount), labels[i]);
    }

    /// <summary>√(Σₖ (pₖ − mean)² / K) of each probability [N, classes].</summary>
    public double[] StandardDeviations(int passes) => [.. squaredDeviations.Select(sum => Math.Sqrt(sum / passes))];

    /// <summary>The mean over the images of −log of the mean probability of the label.</summary>
    public double Loss(int passes) => Math.Log(passes) - TensorPrimitives.Sum<double>(logLikelihoods) / logLikelihoods.Length;

    private void Add(int pass, int image, ReadOnlySpan<double> logits, int? label)
    {
        if (!areNumbers)
            LogSoftmax.Of(logits, logProbabilities);
        if (label is { } known)
            logLikelihoods[image] = LogSoftmax.Add(logLikelihoods[image], logProbabilities[known]);
        for (int i = 0; i < classCount; i++)
        {
            ref double mean = ref means[image * classCount + i];
            double value = areNumbers ? logits[i] : Math.Exp(logProbabilities[i]), deviation = value - mean;
            mean += deviation / (pass + 1);
            squaredDeviations[image * classCount + i] += deviation * (value - mean);
        }
    }
}
