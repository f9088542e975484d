using DropoutLab.Backends.OneDnn.Native;
using Sizes = DropoutLab.Graph.Operators.ConvolutionGeometry;

namespace DropoutLab.Backends.OneDnn;

/// <summary>
/// The three passes of a weight layer as oneDNN primitives: activations channels-last, weights in whatever layout oneDNN likes.
/// Each is null where the processor has nothing for the element type.
/// </summary>
internal sealed class WeightPrimitives(OneDnnLibrary library, Sizes sizes, bool isConvolution)
{
    private readonly ConvolutionWindows geometry = ConvolutionWindows.Square(sizes.Stride, sizes.Padding);

    public long[] WeightShape => isConvolution
        ? [sizes.Outputs, sizes.Inputs, sizes.KernelHeight, sizes.KernelWidth]
        : [sizes.Outputs, sizes.Inputs];

    public PrimitiveDescriptor? Forward(ElementType type, bool hasBias, bool fuseRelu)
    {
        if (type == ElementType.BFloat16 && isConvolution && HasStridedColumn(sizes))
            return null;
        using Operands operands = Describe(type, type, hasBias);
        return isConvolution
            ? ConvolutionPrimitives.TryForward(library, operands, geometry, fuseRelu: fuseRelu)
            : InnerProductPrimitives.TryForward(library, operands, fuseRelu);
    }

    public PrimitiveDescriptor? InputGradient(ElementType type)
    {
        using PrimitiveDescriptor? hint = Forward(type, hasBias: false, fuseRelu: false);
        if (hint is null)
            return null;
        using Operands operands = Describe(type, type, hasBias: false);
        return isConvolution
            ? ConvolutionPrimitives.TryBackwardData(hint, operands, geometry)
            : InnerProductPrimitives.TryBackwardData(hint, operands);
    }

    /// <summary>Sums are kept in 32 bits whatever the element type.</summary>
    public PrimitiveDescriptor? WeightGradient(ElementType type, bool hasBias)
    {
        if (type == ElementType.BFloat16 && !HasWholeWindows(sizes))
            return null;
        using PrimitiveDescriptor? hint = Forward(type, hasBias, fuseRelu: false);
        if (hint is null)
            return null;
        using Operands operands = Describe(type, ElementType.Float32, hasBias);
        return isConvolution
            ? ConvolutionPrimitives.TryBackwardWeights(hint, operands, geometry)
            : InnerProductPrimitives.TryBackwardWeights(hint, operands);
    }

    /// <summary>
    /// Whether some window of the convolution lies within the image, none lies wholly beside it, and none skips pixels: the
    /// shapes that networks are made of. In others a tap of the kernel may meet no pixel at all, and where it does not, oneDNN's
    /// bfloat16 kernels for AVX-512 leave in the weights' gradient what the memory held, where 0 belongs. Its kernels for floats
    /// do not.
    /// </summary>
    internal static bool HasWholeWindows(in Sizes sizes) =>
        HasWholeWindows(sizes.Height, sizes.KernelHeight, sizes) && HasWholeWindows(sizes.Width, sizes.KernelWidth, sizes);

    /// <summary>
    /// Whether the output is one pixel wide though the windows move by more than one: oneDNN's bfloat16 kernels with AMX, from
    /// 3.7 to 3.12 at least, then step too far from one row of the output to the next (twice as far at a stride of 2), beyond the
    /// image too (https://github.com/pytorch/pytorch/issues/169688). Its kernels for floats do not.
    /// </summary>
    internal static bool HasStridedColumn(in Sizes sizes) => sizes.Stride > 1 && sizes.OutputWidth == 1;

    /// <summary>The first window that does not begin in the padding ends within the image, or none does.</summary>
    private static bool HasWholeWindows(int length, int kernel, in Sizes sizes)
    {
        int begin = (sizes.Padding + sizes.Stride - 1) / sizes.Stride * sizes.Stride - sizes.Padding;
        return sizes.Padding < kernel && sizes.Stride <= kernel && begin + kernel <= length;
    }

    private Operands Describe(ElementType activations, ElementType weights, bool hasBias) => new(
        Activation(activations, sizes.Inputs, sizes.Height, sizes.Width),
        Weights(activations, weights),
        hasBias ? MemoryDescriptor.Dense(library, ElementType.Float32, [sizes.Outputs]) : null,
        Activation(activations, sizes.Outputs, sizes.OutputHeight, sizes.OutputWidth));

    /// <summary>
    /// The master copy's own layout for linear layers in 32 bits, whose products take it as it is, so that nothing is reordered;
    /// else whatever oneDNN likes. (Convolutions fall back to plain loops on plain weights.)
    /// </summary>
    private MemoryDescriptor Weights(ElementType activations, ElementType type) =>
        isConvolution || activations != ElementType.Float32
            ? MemoryDescriptor.Any(library, type, WeightShape)
            : MemoryDescriptor.Dense(library, type, WeightShape);

    private MemoryDescriptor Activation(ElementType type, int channels, int height, int width) => isConvolution
        ? MemoryDescriptor.ChannelsLast(library, type, sizes.Batch, channels, height, width)
        : MemoryDescriptor.Dense(library, type, [sizes.Batch, channels]);
}
