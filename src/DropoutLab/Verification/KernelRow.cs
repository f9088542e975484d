using DropoutLab.Auditing;
using DropoutLab.Graph;

namespace DropoutLab.Verification;

/// <summary>
/// One row of a convolution's kernel where it lies on the image: a stretch of neighbours, both in the image [H, W, I] and in the
/// kernel of one output [K, K, I], without what lies outside the image.
/// </summary>
/// <param name="Pixel">Where the stretch begins in a datum's image.</param>
/// <param name="Tap">Where it begins in the kernel.</param>
/// <param name="Length">How many elements it has.</param>
internal readonly record struct KernelRow(int Pixel, int Tap, int Length)
{
    /// <summary>
    /// The rows at each place of a layer's output, row-major. A matrix is a 1×1 kernel on a 1×1 image: one place, one row.
    /// </summary>
    public static KernelRow[][] At(LayerAudit layer)
    {
        Shape input = layer.Input.Shape, output = layer.Output.Shape;
        if (!layer.IsConvolution)
            return [[new KernelRow(0, 0, input.CountPerDatum)]];
        return
        [
            .. from y in Enumerable.Range(0, output[1])
               from x in Enumerable.Range(0, output[2])
               select Place(y * layer.Stride - layer.Padding, x * layer.Stride - layer.Padding, input, layer.Weight.Shape),
        ];
    }

    private static KernelRow[] Place(int top, int left, Shape input, Shape weight)
    {
        (int height, int width, int channels) = (input[1], input[2], input[3]);
        (int kernelHeight, int kernelWidth) = (weight[2], weight[3]);
        int first = Math.Max(left, 0), end = Math.Min(left + kernelWidth, width);
        return
        [
            .. from row in Enumerable.Range(top, kernelHeight)
               where row >= 0 && row < height && first < end
               select new KernelRow(
                   (row * width + first) * channels, ((row - top) * kernelWidth + first - left) * channels, (end - first) * channels),
        ];
    }
}
