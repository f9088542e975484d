using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static DropoutLab.Backends.OneDnn.Winograd.VectorSums;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>Four outputs of five taps by the points 0, ±1, ±2, ±½ and ∞: 64 instead of 400 multiplications a tile.</summary>
internal readonly struct FiveTaps : ITileScheme
{
    public static int Kernel => 5;

    public static int Stride => 1;

    public static int Pixels => 8;

    public static int Step => 4;

    public static int Outputs => 4;

    public static int Points => 8;

    public static float[] KernelMatrix() => ToomCook.KernelMatrix([0, 1, -1, 2, -2, 0.5, -0.5], Kernel);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<TFrom, TTo>(TFrom from, TTo to)
        where TFrom : struct, IVectorSource
        where TTo : struct, IVectorTarget
    {
        Vector256<float> x0 = from[0], x1 = from[1], x2 = from[2], x3 = from[3], x4 = from[4], x5 = from[5], x6 = from[6],
            x7 = from[7];
        to.Store(0, Add(5.25f, x2 - x4, x6 - x0));
        StorePair(Add(-4.25f, x4, x6 + x2), Add(-4.25f, x3, x5 + x1), to, 1);
        StorePair(Add(0.25f, x2, Add(-1.25f, x4, x6)), Add(0.5f, x1, Add(-2.5f, x3, 2 * x5)), to, 3);
        StorePair(Add(4, x2, Add(-5, x4, x6)), Add(2, x1, Add(-2.5f, x3, 0.5f * x5)), to, 5);
        to.Store(7, Add(5.25f, x3 - x5, x7 - x1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<TFrom, TTo>(TFrom from, TTo to)
        where TFrom : struct, IVectorSource
        where TTo : struct, IVectorTarget
    {
        Vector256<float> f1 = from[1], f2 = from[2], f3 = from[3], f4 = from[4], f5 = from[5], f6 = from[6], f7 = from[7];
        Vector256<float> even1 = f1 + f2, odd1 = f1 - f2, even2 = f3 + f4, odd2 = f3 - f4, evenHalf = f5 + f6, oddHalf = f5 - f6;
        to.Store(0, from[0] + even1 + even2 + evenHalf);
        to.Store(1, Add(0.5f, oddHalf, Add(2, odd2, odd1)));
        to.Store(2, Add(0.25f, evenHalf, Add(4, even2, even1)));
        to.Store(3, Add(0.125f, oddHalf, Add(8, odd2, odd1 + f7)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputAdjoint<TFrom, TTo>(TFrom from, TTo to)
        where TFrom : struct, IVectorSource
        where TTo : struct, IVectorTarget
    {
        Vector256<float> x0 = from[0], x1 = from[1], x2 = from[2], x3 = from[3];
        to.Store(0, x0);
        StorePair(x0 + x2, x1 + x3, to, 1);
        StorePair(Add(4, x2, x0), Add(8, x3, 2 * x1), to, 3);
        StorePair(Add(0.25f, x2, x0), Add(0.125f, x3, 0.5f * x1), to, 5);
        to.Store(7, x3);
    }
}
