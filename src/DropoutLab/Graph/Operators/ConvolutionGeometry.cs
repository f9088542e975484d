namespace DropoutLab.Graph.Operators;

/// <summary>
/// The lengths that the three kernels of a convolution share. A linear layer is one of a 1×1 kernel on a 1×1 image.
/// </summary>
internal readonly record struct ConvolutionGeometry(
    int Batch, int Height, int Width, int Inputs, int Outputs, int KernelHeight, int KernelWidth, int Stride, int Padding)
{
    public int OutputHeight => (Height + 2 * Padding - KernelHeight) / Stride + 1;

    public int OutputWidth => (Width + 2 * Padding - KernelWidth) / Stride + 1;

    public int Taps => KernelHeight * KernelWidth;

    public static ConvolutionGeometry Of(Convolution convolution, Shape input, Shape weight) =>
        new(input[0], input[1], input[2], input[3], weight[0], weight[2], weight[3], convolution.Stride, convolution.Padding);

    public static ConvolutionGeometry OfLinear(Shape input, Shape weight) =>
        new(input.Count / input.Axes[^1], 1, 1, input.Axes[^1], weight[0], 1, 1, 1, 0);
}
