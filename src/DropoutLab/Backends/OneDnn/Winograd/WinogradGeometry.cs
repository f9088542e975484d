using System.Numerics;
using Sizes = DropoutLab.Graph.Operators.ConvolutionGeometry;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>
/// How a convolution is cut into tiles. A row of tiles is a strip; strips are numbered over the whole batch, image by image.
/// </summary>
internal sealed record WinogradGeometry<TScheme>(
    int Batch, int Height, int Width, int Inputs, int OutputHeight, int OutputWidth, int Outputs, int Padding)
    where TScheme : struct, ITileScheme
{
    private const int Lanes = 8;

    /// <summary>
    /// Bytes of input or of output that a thread has in work at a time, of a second-level cache of 512 kB and more.
    /// </summary>
    private const int CacheBytes = 128 * 1024;

    /// <summary>Strips of an image.</summary>
    public int StripsPerImage => Parts(OutputHeight, TScheme.Outputs);

    /// <summary>Tiles of a strip.</summary>
    public int TilesPerStrip => Parts(OutputWidth, TScheme.Outputs);

    /// <summary>Bytes of an image of the input.</summary>
    public long InputBytes => (long)Height * InputRow * sizeof(float);

    /// <summary>Bytes of an image of the output.</summary>
    public long OutputBytes => (long)OutputHeight * OutputRow * sizeof(float);

    /// <summary>Floats of a row of the input.</summary>
    public int InputRow => Width * Inputs;

    /// <summary>Floats of a row of the output.</summary>
    public int OutputRow => OutputWidth * Outputs;

    /// <summary>
    /// Floats of a strip's line with the columns that its tiles have beside the image, and of the last vector where pixels are
    /// shorter.
    /// </summary>
    public int InputLine => ((TilesPerStrip - 1) * TScheme.Step + TScheme.Pixels) * Inputs + (Inputs < Lanes ? Lanes : 0);

    /// <summary>Floats of a line of all outputs of a strip's tiles.</summary>
    public int OutputLine => TilesPerStrip * TScheme.Outputs * Outputs;

    /// <summary>Products a tile and pair of channels.</summary>
    public static int Frequencies => TScheme.Points * TScheme.Points;

    /// <summary>Channels of a transformed tile: whole vectors.</summary>
    public int PaddedInputs => (Inputs + Lanes - 1) & -Lanes;

    /// <summary>Rows of a kernel's frequencies when they are summed up: the products take four inputs at a time.</summary>
    public int SummedInputs => (Inputs + 3) & -4;

    public static WinogradGeometry<TScheme> Forward(in Sizes sizes) => new(
        sizes.Batch, sizes.Height, sizes.Width, sizes.Inputs, sizes.OutputHeight, sizes.OutputWidth, sizes.Outputs,
        sizes.Padding);

    /// <summary>
    /// The input's gradient is the convolution of the output's with the kernel turned round; with a stride of two, of which the
    /// padding is 1, its first output is the first error signal's.
    /// </summary>
    public static WinogradGeometry<TScheme> InputGradient(in Sizes sizes) => new(
        sizes.Batch, sizes.OutputHeight, sizes.OutputWidth, sizes.Outputs, sizes.Height, sizes.Width, sizes.Inputs,
        (TScheme.Kernel - 1 - sizes.Padding) / TScheme.Stride);

    /// <summary>The fewest strips that have so many tiles.</summary>
    public int StripsOf(int tiles) => Parts(tiles, TilesPerStrip);

    /// <summary>The fewest strips that have so many tiles, and of which the products take hardly more.</summary>
    public int WholeStripsOf(int tiles)
    {
        int strips = StripsOf(tiles);
        while (TileRoom(strips) > strips * TilesPerStrip * 17 / 16)
            strips++;
        return strips;
    }

    /// <summary>As few images as fill whole blocks of strips, or one at a time where so many would fill the cache.</summary>
    public int ImagesAtOnce(int strips)
    {
        int images = strips / (int)BigInteger.GreatestCommonDivisor(StripsPerImage, strips);
        return images * Math.Max(InputBytes, OutputBytes) <= CacheBytes ? images : 1;
    }

    /// <summary>
    /// Where a strip lies: its image, and the first of its rows of the input, which may be outside the image, and of the output.
    /// </summary>
    public (int Image, int InputRow, int OutputRow) Place(int strip)
    {
        (int image, int within) = Math.DivRem(strip, StripsPerImage);
        return (image, within * TScheme.Step - Padding, within * TScheme.Outputs);
    }

    /// <summary>Tiles of so many strips, with those that the products take more because they take six at a time.</summary>
    public int TileRoom(int strips) =>
        Parts(strips * TilesPerStrip, FrequencyProducts.TilesAtOnce) * FrequencyProducts.TilesAtOnce;

    private static int Parts(int length, int part) => (length + part - 1) / part;
}
