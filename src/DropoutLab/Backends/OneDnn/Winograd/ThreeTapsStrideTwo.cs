using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>
/// Four outputs of three taps, two pixels apart: 81 instead of 144 multiplications a tile. The outer taps meet every second
/// pixel, as <see cref="TwoTaps"/>; the middle tap meets the others, a product each.
/// </summary>
internal readonly struct ThreeTapsStrideTwo : ITileScheme
{
    public static int Kernel => 3;

    public static int Stride => 2;

    public static int Pixels => 9;

    public static int Step => 8;

    public static int Outputs => 4;

    public static int Points => 9;

    public static float[] KernelMatrix() => TwoTaps.KernelMatrix();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<TFrom, TTo>(TFrom from, TTo to)
        where TFrom : struct, IVectorSource
        where TTo : struct, IVectorTarget =>
        TwoTaps.Input(from[0], from[2], from[4], from[6], from[8], from[1], from[3], from[5], from[7], to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<TFrom, TTo>(TFrom from, TTo to)
        where TFrom : struct, IVectorSource
        where TTo : struct, IVectorTarget
    {
        (Vector256<float> y0, Vector256<float> y1, Vector256<float> y2, Vector256<float> y3) = TwoTaps.Output(from);
        to.Store(0, y0 + from[5]);
        to.Store(1, y1 + from[6]);
        to.Store(2, y2 + from[7]);
        to.Store(3, y3 + from[8]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputAdjoint<TFrom, TTo>(TFrom from, TTo to)
        where TFrom : struct, IVectorSource
        where TTo : struct, IVectorTarget =>
        TwoTaps.OutputAdjoint(from[0], from[1], from[2], from[3], from[0], from[1], from[2], from[3], to);
}
