using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>
/// The input's gradient of <see cref="ThreeTapsStrideTwo"/>: eight outputs of five pixels of the error signal. Every second
/// output is the middle tap's product, those between are sums of two, as <see cref="TwoTaps"/>.
/// </summary>
internal readonly struct ThreeTapsStrideTwoTurned : ITileScheme
{
    public static int Kernel => 3;

    public static int Stride => 2;

    public static int Pixels => 5;

    public static int Step => 4;

    public static int Outputs => 8;

    public static int Points => 9;

    public static float[] KernelMatrix() => TwoTaps.KernelMatrix();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<TFrom, TTo>(TFrom from, TTo to)
        where TFrom : struct, IVectorSource
        where TTo : struct, IVectorTarget =>
        TwoTaps.Input(from[0], from[1], from[2], from[3], from[4], from[0], from[1], from[2], from[3], to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<TFrom, TTo>(TFrom from, TTo to)
        where TFrom : struct, IVectorSource
        where TTo : struct, IVectorTarget
    {
        (Vector256<float> y0, Vector256<float> y1, Vector256<float> y2, Vector256<float> y3) = TwoTaps.Output(from);
        to.Store(0, from[5]);
        to.Store(1, y0);
        to.Store(2, from[6]);
        to.Store(3, y1);
        to.Store(4, from[7]);
        to.Store(5, y2);
        to.Store(6, from[8]);
        to.Store(7, y3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputAdjoint<TFrom, TTo>(TFrom from, TTo to)
        where TFrom : struct, IVectorSource
        where TTo : struct, IVectorTarget =>
        TwoTaps.OutputAdjoint(from[1], from[3], from[5], from[7], from[0], from[2], from[4], from[6], to);
}
