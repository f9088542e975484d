using Sizes = DropoutLab.Graph.Operators.ConvolutionGeometry;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>
/// How a 5×5 convolution of stride 1 is cut into tiles of 8×8 input pixels, each of which gives 4×4 outputs. Tiles are numbered over
/// the whole batch: image by image, row by row.
/// </summary>
internal sealed record WinogradGeometry(
    int Batch, int Height, int Width, int Inputs, int OutputHeight, int OutputWidth, int Outputs, int Padding)
{
    /// <summary>Pixels of a tile in each direction, and points at which the polynomials are multiplied.</summary>
    public const int Points = 8;

    /// <summary>Taps in each direction.</summary>
    public const int Kernel = 5;

    /// <summary>Output pixels of a tile in each direction.</summary>
    public const int TileOutputs = Points + 1 - Kernel;

    /// <summary>Tiles that a thread has in work at a time: enough to fill the products' registers, few enough for its cache.</summary>
    public const int TilesPerBlock = 12;

    /// <summary>Floats between two frequencies' matrices beyond the matrix itself: without, all 64 fall on the same lines of the cache.</summary>
    private const int Skew = 16;

    public int TileRows => (OutputHeight + TileOutputs - 1) / TileOutputs;

    public int TileColumns => (OutputWidth + TileOutputs - 1) / TileOutputs;

    public int TileCount => Batch * TileRows * TileColumns;

    public int BlockCount => (TileCount + TilesPerBlock - 1) / TilesPerBlock;

    /// <summary>Floats from one frequency's [tile, channel] matrix of a block to the next's.</summary>
    public static int Stride(int channels) => TilesPerBlock * channels + Skew;

    /// <summary>Bytes of a block's transformed tiles.</summary>
    public static long BlockBytes(int channels) => (long)Points * Points * Stride(channels) * sizeof(float);

    /// <summary>Channels of a transformed tile: whole vectors, the last filled up with zeros.</summary>
    public int PaddedInputs => (Inputs + 7) & -8;

    /// <summary>Rows of a kernel's frequencies when they are summed up: the products take four inputs at a time.</summary>
    public int SummedInputs => (Inputs + 3) & -4;

    /// <summary>
    /// Whether a convolution and its input's gradient are worth it: channels that fill vectors on both sides, and images that tiles do
    /// not overhang by much.
    /// </summary>
    public static bool Fits(in Sizes sizes) => FitsWeightGradient(sizes) && sizes.Inputs % 16 == 0;

    /// <summary>The same for the weights' gradient, which is worth it for the few channels of an image too: 6.8 ms against 10.2.</summary>
    public static bool FitsWeightGradient(in Sizes sizes) =>
        sizes is { Stride: 1, KernelHeight: Kernel, KernelWidth: Kernel, Padding: < Kernel }
        && (sizes.Inputs % 16 == 0 || sizes.Inputs <= 4) && sizes.Outputs % 16 == 0
        && sizes.OutputHeight >= TileOutputs && sizes.OutputWidth >= TileOutputs;

    public static WinogradGeometry Forward(in Sizes sizes) => new(
        sizes.Batch, sizes.Height, sizes.Width, sizes.Inputs, sizes.OutputHeight, sizes.OutputWidth, sizes.Outputs,
        sizes.Padding);

    /// <summary>The input's gradient is the convolution of the output's with the kernel turned round.</summary>
    public static WinogradGeometry InputGradient(in Sizes sizes) => new(
        sizes.Batch, sizes.OutputHeight, sizes.OutputWidth, sizes.Outputs, sizes.Height, sizes.Width, sizes.Inputs,
        Kernel - 1 - sizes.Padding);

    /// <summary>Where a tile lies: its image and the first of its output pixels.</summary>
    public (int Image, int Row, int Column) Place(int tile)
    {
        (int image, int within) = Math.DivRem(tile, TileRows * TileColumns);
        (int row, int column) = Math.DivRem(within, TileColumns);
        return (image, row * TileOutputs, column * TileOutputs);
    }
}
