using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static DropoutLab.Backends.OneDnn.Winograd.VectorSums;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>
/// Convolution kernels to and from their frequencies, those of eight output channels at a time: GwGᵀ, and the adjoint Gᵀ(∂J/∂U)G.
/// </summary>
internal static unsafe class KernelTransform<TScheme>
    where TScheme : struct, ITileScheme
{
    private const int Lanes = 8;
    private const int Half = ITileScheme.MostPoints * ITileScheme.MostPoints * Lanes;

    private static int Points => TScheme.Points;

    private static int Kernel => TScheme.Kernel;

    /// <summary>GwGᵀ of the kernels of eight output channels.</summary>
    /// <param name="g"><see cref="ITileScheme.KernelMatrix"/>.</param>
    /// <param name="w">The first kernel.</param>
    /// <param name="kernelStride">Floats from an output channel's kernel to the next's.</param>
    /// <param name="turned">Whether the kernels are turned round.</param>
    /// <param name="to">Eight neighbours a frequency.</param>
    /// <param name="frequencyStride">Floats from a frequency to the next.</param>
    [SkipLocalsInit]
    public static void Forward(float* g, float* w, int kernelStride, bool turned, float* to, int frequencyStride)
    {
        float* half = stackalloc float[Half];
        for (int v = 0; v < Kernel; v++)
        {
            for (int i = 0; i < Points; i++)
                Vector256<float>.Zero.Store(half + (i * Kernel + v) * Lanes);
            for (int u = 0; u < Kernel; u++)
            {
                int tap = u * Kernel + v;
                Vector256<float> taps = Gathered(w + (turned ? Kernel * Kernel - 1 - tap : tap), kernelStride);
                for (int i = 0; i < Points; i++)
                    AddProduct(g[i * Kernel + u], taps, half + (i * Kernel + v) * Lanes);
            }
        }

        for (int i = 0; i < Points; i++)
        {
            for (int j = 0; j < Points; j++)
            {
                Vector256<float> sum = default;
                for (int v = 0; v < Kernel; v++)
                    sum = Add(g[j * Kernel + v], Vector256.Load(half + (i * Kernel + v) * Lanes), sum);
                sum.Store(to + (i * Points + j) * (long)frequencyStride);
            }
        }
    }

    /// <summary>GᵀUG of the kernels of eight output channels, the adjoint of <see cref="Forward"/>.</summary>
    [SkipLocalsInit]
    public static void Adjoint(float* g, float* from, int frequencyStride, float* w, int kernelStride)
    {
        float* half = stackalloc float[Half];
        for (int j = 0; j < Points; j++)
        {
            for (int u = 0; u < Kernel; u++)
                Vector256<float>.Zero.Store(half + (u * Points + j) * Lanes);
            for (int i = 0; i < Points; i++)
            {
                Vector256<float> frequency = Vector256.Load(from + (i * Points + j) * (long)frequencyStride);
                for (int u = 0; u < Kernel; u++)
                    AddProduct(g[i * Kernel + u], frequency, half + (u * Points + j) * Lanes);
            }
        }

        for (int u = 0; u < Kernel; u++)
        {
            for (int v = 0; v < Kernel; v++)
            {
                Vector256<float> sum = default;
                for (int j = 0; j < Points; j++)
                    sum = Add(g[j * Kernel + v], Vector256.Load(half + (u * Points + j) * Lanes), sum);
                Scatter(sum, w + u * Kernel + v, kernelStride);
            }
        }
    }

    private static void AddProduct(float factor, Vector256<float> x, float* sum) =>
        Add(factor, x, Vector256.Load(sum)).Store(sum);

    private static Vector256<float> Gathered(float* from, int stride) => Vector256.Create(
        from[0], from[stride], from[2 * stride], from[3 * stride], from[4 * stride], from[5 * stride], from[6 * stride],
        from[7 * stride]);

    private static void Scatter(Vector256<float> vector, float* to, int stride)
    {
        for (int lane = 0; lane < Lanes; lane++)
            to[lane * stride] = vector.GetElement(lane);
    }
}
