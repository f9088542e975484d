using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static DropoutLab.Backends.OneDnn.Winograd.VectorSums;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>Four outputs of five taps by the points 0, ±1, ±2, ±½ and ∞: 64 instead of 400 multiplications a tile.</summary>
internal readonly unsafe struct FiveTaps : ITileScheme
{
    public static int Kernel => 5;

    public static int Outputs => 4;

    public static int Points => 8;

    public static ReadOnlySpan<double> FinitePoints => [0, 1, -1, 2, -2, 0.5, -0.5];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<TFrom>(TFrom from, float* to, nint toStride)
        where TFrom : struct, IVectorSource
    {
        Vector256<float> x0 = from[0], x1 = from[1];
        Vector256<float> x2 = from[2], x3 = from[3];
        Vector256<float> x4 = from[4], x5 = from[5];
        Vector256<float> x6 = from[6], x7 = from[7];
        Add(5.25f, x2 - x4, x6 - x0).Store(to);
        StorePair(Add(-4.25f, x4, x6 + x2), Add(-4.25f, x3, x5 + x1), to + toStride, toStride);
        StorePair(Add(0.25f, x2, Add(-1.25f, x4, x6)), Add(0.5f, x1, Add(-2.5f, x3, 2 * x5)), to + 3 * toStride, toStride);
        StorePair(Add(4, x2, Add(-5, x4, x6)), Add(2, x1, Add(-2.5f, x3, 0.5f * x5)), to + 5 * toStride, toStride);
        Add(5.25f, x3 - x5, x7 - x1).Store(to + 7 * toStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<TTo>(float* from, nint fromStride, TTo to)
        where TTo : struct, IVectorTarget
    {
        Vector256<float> f1 = Vector256.Load(from + fromStride), f2 = Vector256.Load(from + 2 * fromStride);
        Vector256<float> f3 = Vector256.Load(from + 3 * fromStride), f4 = Vector256.Load(from + 4 * fromStride);
        Vector256<float> f5 = Vector256.Load(from + 5 * fromStride), f6 = Vector256.Load(from + 6 * fromStride);
        Vector256<float> even1 = f1 + f2, odd1 = f1 - f2, even2 = f3 + f4, odd2 = f3 - f4, evenHalf = f5 + f6, oddHalf = f5 - f6;
        Vector256<float> last = Vector256.Load(from + 7 * fromStride);
        to.Store(0, Vector256.Load(from) + even1 + even2 + evenHalf);
        to.Store(1, Add(0.5f, oddHalf, Add(2, odd2, odd1)));
        to.Store(2, Add(0.25f, evenHalf, Add(4, even2, even1)));
        to.Store(3, Add(0.125f, oddHalf, Add(8, odd2, odd1 + last)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputAdjoint<TFrom>(TFrom from, float* to, nint toStride)
        where TFrom : struct, IVectorSource
    {
        Vector256<float> x0 = from[0], x1 = from[1];
        Vector256<float> x2 = from[2], x3 = from[3];
        x0.Store(to);
        StorePair(x0 + x2, x1 + x3, to + toStride, toStride);
        StorePair(Add(4, x2, x0), Add(8, x3, 2 * x1), to + 3 * toStride, toStride);
        StorePair(Add(0.25f, x2, x0), Add(0.125f, x3, 0.5f * x1), to + 5 * toStride, toStride);
        x3.Store(to + 7 * toStride);
    }
}
