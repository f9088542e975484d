using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>
/// Strips of NHWC images, which are rows of tiles, to and from their frequencies: first over the rows, for all columns at once,
/// so that what neighbouring tiles have in common is transformed once; then over the columns, tile by tile.
/// </summary>
internal static unsafe class StripTransform<TScheme>
    where TScheme : struct, ITileScheme
{
    private const int Lanes = 8;

    /// <summary>BᵀX of a strip whose first row is <paramref name="row"/>; rows outside the image are 0.</summary>
    /// <param name="image">H rows.</param>
    /// <param name="height">H.</param>
    /// <param name="rowLength">Floats of a row, 8 at least.</param>
    /// <param name="row">May be negative.</param>
    /// <param name="zeros">A row of zeros.</param>
    /// <param name="to">The first line of frequencies.</param>
    /// <param name="stride">Floats from a line of frequencies to the next.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Input(float* image, int height, int rowLength, int row, float* zeros, float* to, nint stride)
    {
        float** rows = stackalloc float*[ITileScheme.MostPixels];
        Find(image, height, rowLength, row, zeros, rows, TScheme.Pixels);
        nint last = rowLength - Lanes;
        for (nint i = 0; i < last; i += Lanes)
            TScheme.Input(new AcrossRows(rows, i), new EvenlySpaced(to + i, stride));
        TScheme.Input(new AcrossRows(rows, last), new EvenlySpaced(to + last, stride));
    }

    /// <summary>A·∂J/∂Z of the rows that a strip gives; rows outside the image are 0.</summary>
    /// <param name="image">H rows.</param>
    /// <param name="height">H.</param>
    /// <param name="rowLength">Floats of a row, a multiple of 8.</param>
    /// <param name="row">The strip's first.</param>
    /// <param name="zeros">A row of zeros.</param>
    /// <param name="to">The first line of frequencies.</param>
    /// <param name="stride">Floats from a line of frequencies to the next.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void OutputAdjoint(float* image, int height, int rowLength, int row, float* zeros, float* to, nint stride)
    {
        float** rows = stackalloc float*[ITileScheme.MostPixels];
        Find(image, height, rowLength, row, zeros, rows, TScheme.Outputs);
        for (nint i = 0; i < rowLength; i += Lanes)
            TScheme.OutputAdjoint(new AcrossRows(rows, i), new EvenlySpaced(to + i, stride));
    }

    /// <summary>AᵀM + b, and the larger of that and 0 if asked, into those of a strip's rows that the image has.</summary>
    /// <param name="from">The first line of frequencies.</param>
    /// <param name="stride">Floats from a line of frequencies to the next.</param>
    /// <param name="image">H rows.</param>
    /// <param name="height">H.</param>
    /// <param name="rowLength">Floats of a row.</param>
    /// <param name="row">The strip's first.</param>
    /// <param name="spare">Room for a row, which takes those that the image does not have.</param>
    /// <param name="bias">One a channel, or null.</param>
    /// <param name="channels">A multiple of 8.</param>
    /// <param name="relu">Whether the larger of the result and 0 is stored.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Output(
        float* from, nint stride, float* image, int height, int rowLength, int row, float* spare, float* bias,
        int channels, bool relu)
    {
        float** rows = stackalloc float*[ITileScheme.MostPixels];
        Find(image, height, rowLength, row, spare, rows, TScheme.Outputs);
        Vector256<float> least = Vector256.Create(relu ? 0 : float.NegativeInfinity);
        for (nint pixel = 0; pixel < rowLength; pixel += channels)
        {
            for (nint c = 0; c < channels; c += Lanes)
            {
                Vector256<float> offset = bias is null ? Vector256<float>.Zero : Vector256.Load(bias + c);
                TScheme.Output(new EvenlySpaced(from + pixel + c, stride), new IntoRows(rows, pixel + c, offset, least));
            }
        }
    }

    /// <summary>A line's tiles times B: to the frequencies of each tile.</summary>
    /// <param name="line">Of <see cref="Input"/>, with zeros where tiles stand out of the image.</param>
    /// <param name="tiles">How many.</param>
    /// <param name="channels">Of a pixel; of fewer than 8, what is read beyond goes along and means nothing.</param>
    /// <param name="to">The first frequency of the first tile.</param>
    /// <param name="tileLength">Floats from a tile to the next.</param>
    /// <param name="stride">Floats from a frequency to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void InputColumns(float* line, int tiles, int channels, float* to, int tileLength, nint stride)
    {
        for (int t = 0; t < tiles; t++, line += TScheme.Step * channels, to += tileLength)
        {
            for (nint c = 0; c < channels; c += Lanes)
                TScheme.Input(new EvenlySpaced(line + c, channels), new EvenlySpaced(to + c, stride));
        }
    }

    /// <summary>A line's tiles times Aᵀ, as <see cref="InputColumns"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void OutputAdjointColumns(float* line, int tiles, int channels, float* to, nint stride)
    {
        for (int t = 0; t < tiles; t++, line += TScheme.Outputs * channels, to += channels)
        {
            for (nint c = 0; c < channels; c += Lanes)
                TScheme.OutputAdjoint(new EvenlySpaced(line + c, channels), new EvenlySpaced(to + c, stride));
        }
    }

    /// <summary>Tiles' frequencies times A: to a line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void OutputColumns(float* from, nint stride, int tiles, int channels, float* line)
    {
        for (int t = 0; t < tiles; t++, from += channels, line += TScheme.Outputs * channels)
        {
            for (nint c = 0; c < channels; c += Lanes)
                TScheme.Output(new EvenlySpaced(from + c, stride), new EvenlySpaced(line + c, channels));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Find(float* image, int height, int rowLength, int row, float* outside, float** rows, int count)
    {
        for (int y = 0; y < count; y++)
            rows[y] = (uint)(row + y) < (uint)height ? image + (row + y) * (long)rowLength : outside;
    }
}
