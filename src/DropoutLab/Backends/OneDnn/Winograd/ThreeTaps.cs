using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static DropoutLab.Backends.OneDnn.Winograd.VectorSums;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>
/// Four outputs of three taps by the points 0, ±¾, ±3/2 and ∞: 36 instead of 144 multiplications a tile. With ±¾ and ±3/2
/// rounding costs 6·10⁻⁷ of the norm; with ±1 and ±2 it would be twice that.
/// </summary>
internal readonly struct ThreeTaps : ITileScheme
{
    public static int Kernel => 3;

    public static int Stride => 1;

    public static int Pixels => 6;

    public static int Step => 4;

    public static int Outputs => 4;

    public static int Points => 6;

    public static float[] KernelMatrix() => ToomCook.KernelMatrix([0, 0.75, -0.75, 1.5, -1.5], Kernel);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<TFrom, TTo>(TFrom from, TTo to)
        where TFrom : struct, IVectorSource
        where TTo : struct, IVectorTarget
    {
        Vector256<float> x0 = from[0], x1 = from[1], x2 = from[2], x3 = from[3], x4 = from[4], x5 = from[5];
        to.Store(0, Add(81f / 64, x0, Add(-45f / 16, x2, x4)));
        StorePair(Add(-9f / 4, x2, x4), 0.75f * Add(-9f / 4, x1, x3), to, 1);
        StorePair(Add(-9f / 16, x2, x4), 1.5f * Add(-9f / 16, x1, x3), to, 3);
        to.Store(5, Add(81f / 64, x1, Add(-45f / 16, x3, x5)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<TFrom, TTo>(TFrom from, TTo to)
        where TFrom : struct, IVectorSource
        where TTo : struct, IVectorTarget
    {
        Vector256<float> f1 = from[1], f2 = from[2], f3 = from[3], f4 = from[4];
        Vector256<float> even1 = f1 + f2, odd1 = f1 - f2, even2 = f3 + f4, odd2 = f3 - f4;
        to.Store(0, from[0] + even1 + even2);
        to.Store(1, Add(1.5f, odd2, 0.75f * odd1));
        to.Store(2, Add(9f / 4, even2, 9f / 16 * even1));
        to.Store(3, Add(27f / 8, odd2, Add(27f / 64, odd1, from[5])));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputAdjoint<TFrom, TTo>(TFrom from, TTo to)
        where TFrom : struct, IVectorSource
        where TTo : struct, IVectorTarget
    {
        Vector256<float> x0 = from[0], x1 = from[1], x2 = from[2], x3 = from[3];
        to.Store(0, x0);
        StorePair(Add(9f / 16, x2, x0), Add(27f / 64, x3, 0.75f * x1), to, 1);
        StorePair(Add(9f / 4, x2, x0), Add(27f / 8, x3, 1.5f * x1), to, 3);
        to.Store(5, x3);
    }
}
