using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static DropoutLab.Backends.OneDnn.Winograd.VectorSums;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>
/// Four outputs of two taps by the points ±3/8, ±1 and ∞, for what a stride of two makes of three taps: the outer two meet the
/// pixels of one parity, the middle one those of the other.
/// </summary>
internal static class TwoTaps
{
    /// <summary>Frequencies of the outer taps.</summary>
    private const int Points = 5;

    /// <summary>G of three taps: rows of the outer two, then four of the middle one, a product for each output.</summary>
    public static float[] KernelMatrix()
    {
        const int Kernel = 3;
        float[] outer = ToomCook.KernelMatrix([0.375, -0.375, 1, -1], taps: 2), matrix = new float[(Points + 4) * Kernel];
        for (int j = 0; j < Points; j++)
            (matrix[j * Kernel], matrix[j * Kernel + 2]) = (outer[2 * j], outer[2 * j + 1]);
        for (int j = Points; j < Points + 4; j++)
            matrix[j * Kernel + 1] = 1;
        return matrix;
    }

    /// <summary>Bᵀx of five pixels that the outer taps meet, and the four of the middle tap as they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<TTo>(
        Vector256<float> x0, Vector256<float> x1, Vector256<float> x2, Vector256<float> x3, Vector256<float> x4,
        Vector256<float> middle0, Vector256<float> middle1, Vector256<float> middle2, Vector256<float> middle3, TTo to)
        where TTo : struct, IVectorTarget
    {
        StorePair(x3 - x1, 0.375f * (x2 - x0), to, 0);
        StorePair(Add(-9f / 64, x1, x3), Add(-9f / 64, x0, x2), to, 2);
        to.Store(4, Add(9f / 64, x0, Add(-73f / 64, x2, x4)));
        StoreMiddle(middle0, middle1, middle2, middle3, to);
    }

    /// <summary>Aᵀx of the outer taps' frequencies.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<float> Y0, Vector256<float> Y1, Vector256<float> Y2, Vector256<float> Y3) Output<TFrom>(TFrom from)
        where TFrom : struct, IVectorSource
    {
        Vector256<float> f0 = from[0], f1 = from[1], f2 = from[2], f3 = from[3];
        Vector256<float> even1 = f0 + f1, odd1 = f0 - f1, even2 = f2 + f3, odd2 = f2 - f3;
        return (even1 + even2, Add(0.375f, odd1, odd2), Add(9f / 64, even1, even2), Add(27f / 512, odd1, odd2 + from[4]));
    }

    /// <summary>Ax of four outputs of the outer taps, and the four of the middle tap as they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputAdjoint<TTo>(
        Vector256<float> x0, Vector256<float> x1, Vector256<float> x2, Vector256<float> x3,
        Vector256<float> middle0, Vector256<float> middle1, Vector256<float> middle2, Vector256<float> middle3, TTo to)
        where TTo : struct, IVectorTarget
    {
        StorePair(Add(9f / 64, x2, x0), Add(27f / 512, x3, 0.375f * x1), to, 0);
        StorePair(x0 + x2, x1 + x3, to, 2);
        to.Store(4, x3);
        StoreMiddle(middle0, middle1, middle2, middle3, to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreMiddle<TTo>(
        Vector256<float> x0, Vector256<float> x1, Vector256<float> x2, Vector256<float> x3, TTo to)
        where TTo : struct, IVectorTarget
    {
        to.Store(Points, x0);
        to.Store(Points + 1, x1);
        to.Store(Points + 2, x2);
        to.Store(Points + 3, x3);
    }
}
