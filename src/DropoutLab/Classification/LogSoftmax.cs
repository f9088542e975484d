using System.Numerics.Tensors;

namespace DropoutLab.Classification;

/// <summary>
/// Probabilities of classes from logits, by their logarithms, so that no logit is too large and no probability too small.
/// </summary>
internal static class LogSoftmax
{
    /// <summary>log softmax(z)ᵢ = zᵢ − max z − log Σⱼ exp(zⱼ − max z).</summary>
    /// <param name="logits">z, one a class.</param>
    /// <param name="result">One a class.</param>
    public static void Of(ReadOnlySpan<double> logits, Span<double> result)
    {
        TensorPrimitives.Subtract(logits, TensorPrimitives.Max(logits), result);
        double sum = 0;
        foreach (double shifted in result)
            sum += Math.Exp(shifted);
        TensorPrimitives.Subtract(result, Math.Log(sum), result);
    }

    /// <summary>log(exp(a) + exp(b)), of which one may be −∞.</summary>
    public static double Add(double a, double b) => Math.Max(a, b) + Math.Log(1 + Math.Exp(-Math.Abs(a - b)));
}
