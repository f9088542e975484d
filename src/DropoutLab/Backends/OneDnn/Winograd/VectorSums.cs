using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>What the line transforms are made of.</summary>
internal static class VectorSums
{
    /// <summary>sum + factor · x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(float factor, Vector256<float> x, Vector256<float> sum) =>
        Vector256.MultiplyAddEstimate(Vector256.Create(factor), x, sum);

    /// <summary>The values at a and −a of a polynomial, from its even and its odd part at a.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePair<TTo>(Vector256<float> even, Vector256<float> odd, TTo to, int index)
        where TTo : struct, IVectorTarget
    {
        to.Store(index, even + odd);
        to.Store(index + 1, even - odd);
    }
}
