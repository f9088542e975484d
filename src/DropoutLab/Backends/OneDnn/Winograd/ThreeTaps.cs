using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static DropoutLab.Backends.OneDnn.Winograd.VectorSums;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>
/// Four outputs of three taps by the points 0, ±¾, ±3/2 and ∞: 36 instead of 144 multiplications a tile. With ±¾ and ±3/2 rounding
/// costs 6·10⁻⁷ of the norm; with ±1 and ±2 it would be twice that.
/// </summary>
internal readonly unsafe struct ThreeTaps : ITileScheme
{
    public static int Kernel => 3;

    public static int Outputs => 4;

    public static int Points => 6;

    public static ReadOnlySpan<double> FinitePoints => [0, 0.75, -0.75, 1.5, -1.5];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<TFrom>(TFrom from, float* to, nint toStride)
        where TFrom : struct, IVectorSource
    {
        Vector256<float> x0 = from[0], x1 = from[1];
        Vector256<float> x2 = from[2], x3 = from[3];
        Vector256<float> x4 = from[4], x5 = from[5];
        Add(81f / 64, x0, Add(-45f / 16, x2, x4)).Store(to);
        StorePair(Add(-9f / 4, x2, x4), 0.75f * Add(-9f / 4, x1, x3), to + toStride, toStride);
        StorePair(Add(-9f / 16, x2, x4), 1.5f * Add(-9f / 16, x1, x3), to + 3 * toStride, toStride);
        Add(81f / 64, x1, Add(-45f / 16, x3, x5)).Store(to + 5 * toStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<TTo>(float* from, nint fromStride, TTo to)
        where TTo : struct, IVectorTarget
    {
        Vector256<float> f1 = Vector256.Load(from + fromStride), f2 = Vector256.Load(from + 2 * fromStride);
        Vector256<float> f3 = Vector256.Load(from + 3 * fromStride), f4 = Vector256.Load(from + 4 * fromStride);
        Vector256<float> even1 = f1 + f2, odd1 = f1 - f2, even2 = f3 + f4, odd2 = f3 - f4;
        to.Store(0, Vector256.Load(from) + even1 + even2);
        to.Store(1, Add(1.5f, odd2, 0.75f * odd1));
        to.Store(2, Add(9f / 4, even2, 9f / 16 * even1));
        to.Store(3, Add(27f / 8, odd2, Add(27f / 64, odd1, Vector256.Load(from + 5 * fromStride))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputAdjoint<TFrom>(TFrom from, float* to, nint toStride)
        where TFrom : struct, IVectorSource
    {
        Vector256<float> x0 = from[0], x1 = from[1];
        Vector256<float> x2 = from[2], x3 = from[3];
        x0.Store(to);
        StorePair(Add(9f / 16, x2, x0), Add(27f / 64, x3, 0.75f * x1), to + toStride, toStride);
        StorePair(Add(9f / 4, x2, x0), Add(27f / 8, x3, 1.5f * x1), to + 3 * toStride, toStride);
        x3.Store(to + 5 * toStride);
    }
}
