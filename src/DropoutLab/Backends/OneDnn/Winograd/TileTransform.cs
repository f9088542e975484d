using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>Tiles of NHWC images to and from their frequencies, eight channels at a time.</summary>
internal static unsafe class TileTransform<TScheme>
    where TScheme : struct, ITileScheme
{
    private const int Patch = ITileScheme.MostPoints * ITileScheme.MostPoints * Lanes;
    private const int Lanes = 8;

    private const int FloatsPerCacheLine = 16;
    private const int Line = ITileScheme.MostPoints * Lanes;

    private static int Points => TScheme.Points;

    private static int Outputs => TScheme.Outputs;

    /// <summary>BᵀXB of a tile whose first pixel is (row, column), which may lie outside the image, where all is 0.</summary>
    /// <param name="image">H × W × channels.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="channels">A multiple of 8, or 1 to 4, which are filled up with zeros.</param>
    /// <param name="row">The tile's first row.</param>
    /// <param name="column">The tile's first column.</param>
    /// <param name="to">Channel 0 of frequency 0.</param>
    /// <param name="stride">Floats from a frequency to the next.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Input(float* image, int height, int width, int channels, int row, int column, float* to, int stride)
    {
        float* line = stackalloc float[Line];
        float* half = stackalloc float[Patch];
        bool isInside = channels >= Lanes && column >= 0 && column + Points <= width;
        for (int c = 0; c < channels; c += Lanes)
        {
            for (int y = 0; y < Points; y++)
            {
                float* lineTo = half + y * Points * Lanes;
                if ((uint)(row + y) >= (uint)height)
                    Clear(lineTo, Points);
                else if (isInside)
                    TScheme.Input(image + ((row + y) * (long)width + column) * channels + c, channels, lineTo, Lanes);
                else
                    TScheme.Input(Gathered(image + (row + y) * (long)width * channels + c, width, channels, column, Points, line), Lanes, lineTo, Lanes);
            }

            for (int x = 0; x < Points; x++)
                TScheme.Input(half + x * Lanes, Points * Lanes, to + x * stride + c, (nint)Points * stride);
        }
    }

    /// <summary>AYAᵀ of the pixels of ∂J/∂z that a tile gives, 0 outside the image.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void OutputAdjoint(float* image, int height, int width, int channels, int row, int column, float* to, int stride)
    {
        float* line = stackalloc float[Line];
        float* half = stackalloc float[Patch];
        bool isInside = column + Outputs <= width;
        for (int c = 0; c < channels; c += Lanes)
        {
            for (int y = 0; y < Outputs; y++)
            {
                float* lineTo = half + y * Points * Lanes;
                if (row + y >= height)
                    Clear(lineTo, Points);
                else if (isInside)
                    TScheme.OutputAdjoint(image + ((row + y) * (long)width + column) * channels + c, channels, lineTo, Lanes);
                else
                    TScheme.OutputAdjoint(Gathered(image + (row + y) * (long)width * channels + c, width, channels, column, Outputs, line), Lanes, lineTo, Lanes);
            }

            for (int x = 0; x < Points; x++)
                TScheme.OutputAdjoint(half + x * Lanes, Points * Lanes, to + x * stride + c, (nint)Points * stride);
        }
    }

    /// <summary>AᵀMA + b, and the larger of that and 0 if asked, into those of a tile's pixels that the image has.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Output(
        float* from, int stride, float* image, int height, int width, int channels, int row, int column, float* bias, bool relu)
    {
        float* half = stackalloc float[Patch];
        float* pixels = stackalloc float[Patch];
        int rows = Math.Min(Outputs, height - row), columns = Math.Min(Outputs, width - column);
        Vector256<float> least = Vector256.Create(relu ? 0 : float.NegativeInfinity);
        for (int c = 0; c < channels; c += Lanes)
        {
            for (int x = 0; x < Points; x++)
                TScheme.Output(from + x * stride + c, (nint)Points * stride, half + x * Lanes, Points * Lanes);
            for (int y = 0; y < Outputs; y++)
                TScheme.Output(half + y * Points * Lanes, Lanes, pixels + y * Points * Lanes, Lanes);
            Vector256<float> offset = bias is null ? Vector256<float>.Zero : Vector256.Load(bias + c);
            for (int y = 0; y < rows; y++)
            {
                float* to = image + ((row + y) * (long)width + column) * channels + c;
                for (int x = 0; x < columns; x++)
                    Vector256.Max(Vector256.Load(pixels + (y * Points + x) * Lanes) + offset, least).Store(to + (long)x * channels);
            }
        }
    }

    /// <summary>
    /// Asks for the pixels of an output tile's size at (row, column) to be brought into the cache: tiles jump from row to row of the
    /// image, where the processor does not foresee them. May lie outside the image.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* image, int width, int channels, int row, int column)
    {
        if (!Sse.IsSupported)
            return;
        float* pixel = image + (row * (long)width + column) * channels;
        for (int y = 0; y < Outputs; y++, pixel += (nint)width * channels)
        {
            for (int i = 0; i < Outputs * channels; i += FloatsPerCacheLine)
                Sse.Prefetch1(pixel + i);
        }
    }

    /// <summary>Pixels of a row from a column on, 0 where it leaves the image.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Gathered(float* row, int width, int channels, int column, int count, float* line)
    {
        float* pixel = row + column * (long)channels;
        for (int x = 0; x < count; x++, pixel += channels)
        {
            Vector256<float> value = (uint)(column + x) >= (uint)width ? Vector256<float>.Zero
                : channels >= Lanes ? Vector256.Load(pixel) : LoadFew(pixel, channels);
            value.Store(line + x * Lanes);
        }

        return line;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Clear(float* vectors, int count)
    {
        for (int i = 0; i < count * Lanes; i += Lanes)
            Vector256<float>.Zero.Store(vectors + i);
    }

    /// <summary>One to four channels, the others 0.</summary>
    private static Vector256<float> LoadFew(float* from, int count) => Vector256.Create(
        from[0], count > 1 ? from[1] : 0, count > 2 ? from[2] : 0, count > 3 ? from[3] : 0, 0, 0, 0, 0);
}
