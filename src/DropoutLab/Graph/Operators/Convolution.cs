namespace DropoutLab.Graph.Operators;

/// <summary>
/// Two-dimensional convolution (cross-correlation, as the field has it):
/// z[n, y, x, o] = b[o] + Σ_{i,u,v} h[n, y·s + u − p, x·s + v − p, i] W[o, i, u, v], zero outside the image.
/// Inputs: h [N, H, W, I], W [O, I, K, K], and optionally b [O]. Result: [N, ⌊(H + 2p − K)/s⌋ + 1, …, O].
/// </summary>
internal sealed record Convolution(int Stride, int Padding) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        ExpectWeightLayer(inputs, rank: 4, weightRank: 4);
        Shape h = inputs[0].Shape, w = inputs[1].Shape;
        if (h[3] != w[1])
            throw new DropoutLabException($"Convolution: the input {h} has {h[3]} channels, the weight {w} wants {w[1]}");
        return new(new Shape(h[0], OutputLength(h[1], w[2]), OutputLength(h[2], w[3]), w[0]), ElementKind.Activation);
    }

    private int OutputLength(int length, int kernel)
    {
        int room = length + 2 * Padding - kernel;
        if (room < 0)
            throw new DropoutLabException($"Convolution: a kernel of {kernel} does not fit {length} pixels padded by {Padding}");
        return room / Stride + 1;
    }
}

/// <summary>∂J/∂h of a <see cref="Convolution"/>. Inputs: ∂J/∂z and W.</summary>
internal sealed record ConvolutionInputGradient(Convolution Forward, Shape InputShape) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Accumulator);
        return new(InputShape, ElementKind.Activation);
    }
}

/// <summary>∂J/∂W of a <see cref="Convolution"/>. Inputs: h as the backward pass sees it, and ∂J/∂z.</summary>
internal sealed record ConvolutionWeightGradient(Convolution Forward, Shape WeightShape) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Activation);
        return new(WeightShape, ElementKind.Accumulator);
    }
}

/// <summary>∂J/∂b = Σ ∂J/∂z over all axes but the last. Input: ∂J/∂z.</summary>
internal sealed record BiasGradient : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation);
        return new(new Shape(inputs[0].Shape[inputs[0].Shape.Rank - 1]), ElementKind.Accumulator);
    }
}

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
