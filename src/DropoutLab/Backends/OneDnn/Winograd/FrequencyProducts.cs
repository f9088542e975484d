using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>
/// The matrix products of one frequency, for a block of tiles; eight or twelve sums of eight channels stay in registers.
/// </summary>
internal static unsafe class FrequencyProducts
{
    /// <summary>Tiles that <see cref="Multiply"/> takes at a time; V and M have room for a multiple of them.</summary>
    public const int TilesAtOnce = 6;

    private const int Lanes = 8;

    /// <summary>
    /// M [tiles × outputs] = V [tiles × inputs] U [inputs × outputs]; the rows of V lie vStride apart. Tiles are taken six at a
    /// time.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Multiply(float* v, int vStride, float* u, float* m, int tiles, int inputs, int outputs)
    {
        for (int o = 0; o < outputs; o += 2 * Lanes)
        {
            for (int t = 0; t < tiles; t += TilesAtOnce)
                SixTiles(v + t * vStride, vStride, u + o, m + t * outputs + o, inputs, outputs);
        }
    }

    /// <summary>U [inputs × outputs] += Vᵀ [inputs × tiles] D [tiles × outputs]; inputs are a multiple of 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void AddTransposed(float* v, int vStride, float* d, float* u, int tiles, int inputs, int outputs)
    {
        for (int o = 0; o < outputs; o += 2 * Lanes)
        {
            for (int i = 0; i < inputs; i += 4)
                FourInputs(v + i, vStride, d + o, u + i * outputs + o, tiles, outputs);
        }
    }

    /// <remarks>Strides are of the pointers' own size: of 32 bits, each would be widened again at every product.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SixTiles(float* v, nint vStride, float* u, float* m, int inputs, nint outputs)
    {
        float* v3 = v + 3 * vStride, end = v + inputs;
        nint twice = 2 * vStride;
        Vector256<float> a0 = default, b0 = default, a1 = default, b1 = default, a2 = default, b2 = default;
        Vector256<float> a3 = default, b3 = default, a4 = default, b4 = default, a5 = default, b5 = default;
        for (; v < end; v++, v3++, u += outputs)
        {
            Vector256<float> left = Vector256.Load(u), right = Vector256.Load(u + Lanes);
            Add(v[0], left, right, ref a0, ref b0);
            Add(v[vStride], left, right, ref a1, ref b1);
            Add(v[twice], left, right, ref a2, ref b2);
            Add(v3[0], left, right, ref a3, ref b3);
            Add(v3[vStride], left, right, ref a4, ref b4);
            Add(v3[twice], left, right, ref a5, ref b5);
        }

        Store(a0, b0, m);
        Store(a1, b1, m + outputs);
        Store(a2, b2, m + 2 * outputs);
        Store(a3, b3, m + 3 * outputs);
        Store(a4, b4, m + 4 * outputs);
        Store(a5, b5, m + 5 * outputs);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FourInputs(float* v, nint vStride, float* d, float* u, int tiles, nint outputs)
    {
        float* u1 = u + outputs, u2 = u + 2 * outputs, u3 = u + 3 * outputs, end = v + tiles * vStride;
        Vector256<float> a0 = Vector256.Load(u), b0 = Vector256.Load(u + Lanes), a1 = Vector256.Load(u1),
            b1 = Vector256.Load(u1 + Lanes);
        Vector256<float> a2 = Vector256.Load(u2), b2 = Vector256.Load(u2 + Lanes), a3 = Vector256.Load(u3),
            b3 = Vector256.Load(u3 + Lanes);
        for (; v < end; v += vStride, d += outputs)
        {
            Vector256<float> left = Vector256.Load(d), right = Vector256.Load(d + Lanes);
            Add(v[0], left, right, ref a0, ref b0);
            Add(v[1], left, right, ref a1, ref b1);
            Add(v[2], left, right, ref a2, ref b2);
            Add(v[3], left, right, ref a3, ref b3);
        }

        Store(a0, b0, u);
        Store(a1, b1, u1);
        Store(a2, b2, u2);
        Store(a3, b3, u3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(
        float factor, Vector256<float> left, Vector256<float> right, ref Vector256<float> a, ref Vector256<float> b)
    {
        Vector256<float> all = Vector256.Create(factor);
        a = Vector256.MultiplyAddEstimate(all, left, a);
        b = Vector256.MultiplyAddEstimate(all, right, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<float> left, Vector256<float> right, float* to)
    {
        left.Store(to);
        right.Store(to + Lanes);
    }
}
