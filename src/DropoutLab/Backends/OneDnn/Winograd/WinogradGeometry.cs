using System.Numerics;
using Sizes = DropoutLab.Graph.Operators.ConvolutionGeometry;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>
/// How a convolution of stride 1 is cut into tiles, which give 4×4 outputs each. Tiles are numbered over the whole batch: image by
/// image, row by row.
/// </summary>
internal sealed record WinogradGeometry<TScheme>(
    int Batch, int Height, int Width, int Inputs, int OutputHeight, int OutputWidth, int Outputs, int Padding)
    where TScheme : struct, ITileScheme
{
    /// <summary>Floats between two frequencies' matrices beyond the matrix itself: without, all fall on the same lines of the cache.</summary>
    private const int Skew = 16;

    /// <summary>Bytes of input or of output that a thread has in work at a time, of a second-level cache of 512 kB and more.</summary>
    private const int CacheBytes = 128 * 1024;

    public int TileRows => (OutputHeight + TScheme.Outputs - 1) / TScheme.Outputs;

    public int TileColumns => (OutputWidth + TScheme.Outputs - 1) / TScheme.Outputs;

    /// <summary>Bytes of an image of the input.</summary>
    public long InputBytes => (long)Height * Width * Inputs * sizeof(float);

    /// <summary>Bytes of an image of the output.</summary>
    public long OutputBytes => (long)OutputHeight * OutputWidth * Outputs * sizeof(float);

    public int TilesPerImage => TileRows * TileColumns;

    /// <summary>As few images as fill whole blocks, or one at a time where so many would fill the cache.</summary>
    public int ImagesAtOnce
    {
        get
        {
            int images = WinogradTiles.PerBlock / (int)BigInteger.GreatestCommonDivisor(TilesPerImage, WinogradTiles.PerBlock);
            return images * Math.Max(InputBytes, OutputBytes) <= CacheBytes ? images : 1;
        }
    }

    /// <summary>Floats from one frequency's [tile, channel] matrix of a block to the next's.</summary>
    public static int Stride(int channels) => WinogradTiles.PerBlock * channels + Skew;

    /// <summary>Bytes of a block's transformed tiles.</summary>
    public static long BlockBytes(int channels) => (long)Frequencies * Stride(channels) * sizeof(float);

    /// <summary>Products a tile and pair of channels.</summary>
    public static int Frequencies => TScheme.Points * TScheme.Points;

    /// <summary>Channels of a transformed tile: whole vectors, the last filled up with zeros.</summary>
    public int PaddedInputs => (Inputs + 7) & -8;

    /// <summary>Rows of a kernel's frequencies when they are summed up: the products take four inputs at a time.</summary>
    public int SummedInputs => (Inputs + 3) & -4;

    public static WinogradGeometry<TScheme> Forward(in Sizes sizes) => new(
        sizes.Batch, sizes.Height, sizes.Width, sizes.Inputs, sizes.OutputHeight, sizes.OutputWidth, sizes.Outputs,
        sizes.Padding);

    /// <summary>The input's gradient is the convolution of the output's with the kernel turned round.</summary>
    public static WinogradGeometry<TScheme> InputGradient(in Sizes sizes) => new(
        sizes.Batch, sizes.OutputHeight, sizes.OutputWidth, sizes.Outputs, sizes.Height, sizes.Width, sizes.Inputs,
        TScheme.Kernel - 1 - sizes.Padding);

    /// <summary>Where a tile lies: its image and the first of its output pixels.</summary>
    public (int Image, int Row, int Column) Place(int tile)
    {
        (int image, int within) = Math.DivRem(tile, TilesPerImage);
        (int row, int column) = Math.DivRem(within, TileColumns);
        return (image, row * TScheme.Outputs, column * TScheme.Outputs);
    }
}
