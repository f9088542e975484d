using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>Tiles of NHWC images to and from their frequencies, eight channels at a time.</summary>
internal static unsafe class TileTransform<TScheme>
    where TScheme : struct, ITileScheme
{
    private const int Patch = ITileScheme.MostPoints * ITileScheme.MostPoints * Lanes;
    private const int Lanes = 8;

    private static int Points => TScheme.Points;

    private static int Outputs => TScheme.Outputs;

    /// <summary>BᵀXB of a tile whose first pixel is (row, column), which may lie outside the image, where all is 0.</summary>
    /// <param name="image">H × W × channels.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="channels">A multiple of 8, or fewer than 8, which are filled up with zeros.</param>
    /// <param name="row">The tile's first row.</param>
    /// <param name="column">The tile's first column.</param>
    /// <param name="to">Channel 0 of frequency 0.</param>
    /// <param name="stride">Floats from a frequency to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Input(float* image, int height, int width, int channels, int row, int column, float* to, int stride)
    {
        float* patch = stackalloc float[Patch];
        float* half = stackalloc float[Patch];
        bool inside = channels >= Lanes && row >= 0 && column >= 0 && row + Points <= height && column + Points <= width;
        for (int c = 0; c < channels; c += Lanes)
        {
            float* from = image + (row * (long)width + column) * channels + c;
            (nint down, nint across) = ((nint)width * channels, channels);
            if (!inside)
            {
                Gather(image + c, height, width, channels, row, column, Points, patch);
                from = patch;
                (down, across) = (Points * Lanes, Lanes);
            }

            for (int y = 0; y < Points; y++)
                TScheme.Input(from + y * down, across, half + y * Points * Lanes, Lanes);
            for (int x = 0; x < Points; x++)
                TScheme.Input(half + x * Lanes, Points * Lanes, to + x * stride + c, (nint)Points * stride);
        }
    }

    /// <summary>AYAᵀ of the pixels of ∂J/∂z that a tile gives, 0 outside the image.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void OutputAdjoint(float* image, int height, int width, int channels, int row, int column, float* to, int stride)
    {
        float* patch = stackalloc float[Patch];
        float* half = stackalloc float[Patch];
        bool inside = row + Outputs <= height && column + Outputs <= width;
        for (int c = 0; c < channels; c += Lanes)
        {
            float* from = image + (row * (long)width + column) * channels + c;
            (nint down, nint across) = ((nint)width * channels, channels);
            if (!inside)
            {
                Gather(image + c, height, width, channels, row, column, Outputs, patch);
                from = patch;
                (down, across) = (Outputs * Lanes, Lanes);
            }

            for (int y = 0; y < Outputs; y++)
                TScheme.OutputAdjoint(from + y * down, across, half + y * Points * Lanes, Lanes);
            for (int x = 0; x < Points; x++)
                TScheme.OutputAdjoint(half + x * Lanes, Points * Lanes, to + x * stride + c, (nint)Points * stride);
        }
    }

    /// <summary>AᵀMA + b, and the larger of that and 0 if asked, into those of a tile's pixels that the image has.</summary>
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

    /// <summary>A square of pixels, 0 where it leaves the image.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Gather(float* image, int height, int width, int channels, int row, int column, int size, float* patch)
    {
        int top = Math.Max(-row, 0), bottom = Math.Min(height - row, size);
        int left = Math.Max(-column, 0), right = Math.Min(width - column, size);
        int lanes = Math.Min(channels, Lanes);
        for (int i = 0; i < size * size * Lanes; i += Lanes)
            Vector256<float>.Zero.Store(patch + i);
        for (int y = top; y < bottom; y++)
        {
            float* pixel = image + ((row + y) * (long)width + column + left) * channels;
            for (int x = left; x < right; x++, pixel += channels)
                CopyLanes(pixel, patch + (y * size + x) * Lanes, lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyLanes(float* from, float* to, int lanes)
    {
        if (lanes == Lanes)
        {
            Vector256.Load(from).Store(to);
            return;
        }

        for (int i = 0; i < lanes; i++)
            to[i] = from[i];
    }
}
