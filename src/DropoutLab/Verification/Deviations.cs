using System.Numerics.Tensors;
using DropoutLab.Backends;

namespace DropoutLab.Verification;

/// <summary>How far what was found is from what was expected.</summary>
internal static class Deviations
{
    /// <summary>Standard errors that a count may be off: a true claim is beyond them once in 1.7 million.</summary>
    public const double StatisticalBound = 5;

    /// <summary>‖found − expected‖ / ‖expected‖; ‖found‖ where the expected array is 0.</summary>
    public static double RelativeToNorm(ReadOnlySpan<double> found, ReadOnlySpan<double> expected)
    {
        double norm = TensorPrimitives.Norm(expected), distance = TensorPrimitives.Distance(found, expected);
        return norm == 0 ? distance : distance / norm;
    }

    /// <summary>The number of elements whose bits differ.</summary>
    public static int DifferingElements(ReadOnlySpan<double> found, ReadOnlySpan<double> expected)
    {
        int differing = Math.Abs(found.Length - expected.Length);
        for (int i = 0; i < Math.Min(found.Length, expected.Length); i++)
        {
            if (BitConverter.DoubleToInt64Bits(found[i]) != BitConverter.DoubleToInt64Bits(expected[i]))
                differing++;
        }

        return differing;
    }

    /// <summary>The number of elements that one array has at 0 and the other has not.</summary>
    public static int DifferingZeros(ReadOnlySpan<double> found, ReadOnlySpan<double> expected)
    {
        int differing = Math.Abs(found.Length - expected.Length);
        for (int i = 0; i < Math.Min(found.Length, expected.Length); i++)
        {
            if (found[i] == 0 != (expected[i] == 0))
                differing++;
        }

        return differing;
    }

    /// <summary>How far a count of draws of the probability p is from n p, in its standard error √(n p (1 − p)).</summary>
    public static double StandardErrors(long count, long draws, double probability) =>
        Math.Abs(count - draws * probability) / Math.Sqrt(draws * probability * (1 - probability));
}

/// <summary>How far rounding may take the result of a layer from its exact value, relative to the norm.</summary>
internal static class PrecisionBounds
{
    public static double Of(Precision precision) => precision switch
    {
        Precision.Float64 => 1e-10,
        Precision.Float32 => 1e-5,
        Precision.BFloat16 => 2e-2,
        _ => throw Precisions.Unknown(precision),
    };
}
