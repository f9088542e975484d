using System.Numerics.Tensors;

namespace DropoutLab.Classification;

/// <summary>
/// How often predictions are right, against how sure they are. The n predictions fall into M bins of equal width by their
/// confidence, the largest probability: bin m holds those in ((m−1)/M, m/M]. The expected calibration error is
/// <code>
/// ECE = Σₘ |Bₘ|/n · |acc(Bₘ) − conf(Bₘ)|
/// </code>
/// with acc(Bₘ) the part of bin m that is right and conf(Bₘ) its mean confidence. It lies in [0, 1]; 0 is calibrated.
/// </summary>
/// <remarks>
/// Source: Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017, equation 3; M = 15 is theirs.
/// </remarks>
public sealed class ReliabilityDiagram
{
    /// <summary>M.</summary>
    public const int BinCount = 15;

    private readonly Bin[] bins = new Bin[BinCount];

    /// <summary>n.</summary>
    public int Count => bins.Sum(bin => bin.Count);

    /// <summary>The part of all predictions that is right.</summary>
    public double Accuracy => (double)bins.Sum(bin => bin.Correct) / Count;

    /// <summary>ECE: since |B| · acc(B) counts the right ones, Σₘ |right(Bₘ) − Σ confidences(Bₘ)| / n.</summary>
    public double ExpectedCalibrationError => bins.Sum(bin => Math.Abs(bin.Correct - bin.ConfidenceSum)) / Count;

    /// <summary>Adds a prediction; it is right if its largest probability, the first among equals, is the label's.</summary>
    /// <param name="probabilities">One a class; their sum is 1.</param>
    /// <param name="label">The true class.</param>
    public void Add(ReadOnlySpan<double> probabilities, int label)
    {
        int predicted = TensorPrimitives.IndexOfMax(probabilities);
        double confidence = probabilities[predicted];
        ref Bin bin = ref bins[Math.Clamp((int)Math.Ceiling(confidence * BinCount) - 1, 0, BinCount - 1)];
        bin.Count++;
        bin.ConfidenceSum += confidence;
        if (predicted == label)
            bin.Correct++;
    }

    private struct Bin
    {
        public int Count;
        public int Correct;
        public double ConfidenceSum;
    }
}
