namespace DropoutLab.Graph.Operators;

/// <summary>
/// The windows of a pooling layer: squares of <paramref name="Window"/> pixels, <paramref name="Stride"/> apart, their number
/// rounded up and the last ones clipped at the image's border: ⌈(length − window)/stride⌉ + 1, less one where the last window
/// would begin outside the image. Source: Caffe, PoolingLayer.
/// </summary>
internal readonly record struct PoolWindows(int Window, int Stride)
{
    internal int OutputLength(int length)
    {
        if (Window < 1 || Stride < 1)
            throw new DropoutLabException($"a pooling window of {Window} every {Stride} pixels: both must be at least 1");
        int count = Math.Max(length - Window + Stride - 1, 0) / Stride + 1;
        return (count - 1) * Stride < length ? count : count - 1;
    }

    /// <summary>One window that holds an image, whatever its sides.</summary>
    internal static PoolWindows Whole(Shape image)
    {
        int side = Math.Max(image[1], image[2]);
        return new(side, side);
    }

    /// <summary>Checks that a window lies within an image.</summary>
    /// <exception cref="DropoutLabException">It does not.</exception>
    internal PoolWindows Within(Shape image)
    {
        int side = image.Rank == 4 ? Math.Min(image[1], image[2]) : Window;
        return Window <= side ? this : throw new DropoutLabException($"a pooling window of {Window} does not fit {side} pixels");
    }

    internal Shape OutputShape(Shape input) =>
        new(input[0], OutputLength(input[1]), OutputLength(input[2]), input[3]);

    /// <summary>The first pixel of a window and the one after its last, clipped.</summary>
    internal (int Begin, int End) Range(int output, int length) =>
        (output * Stride, Math.Min(output * Stride + Window, length));
}

/// <summary>y = the largest of each window. Input: x [N, H, W, C].</summary>
internal sealed record MaxPool(PoolWindows Windows) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation);
        ExpectRank(inputs[0], 4, "the input");
        return new(Windows.OutputShape(inputs[0].Shape), ElementKind.Activation);
    }
}

/// <summary>
/// Where each window's largest element lies: row · window + column within the window, the first one among equals.
/// Input: x [N, H, W, C].
/// </summary>
internal sealed record MaxPoolIndex(PoolWindows Windows) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation);
        ExpectRank(inputs[0], 4, "the input");
        if (Windows.Window > 15)
            throw new DropoutLabException($"MaxPoolIndex: a window of {Windows.Window} is more than the largest, 15");
        return new(Windows.OutputShape(inputs[0].Shape), ElementKind.Index);
    }
}

/// <summary>∂J/∂x of a <see cref="MaxPool"/>: each ∂J/∂y goes to where its maximum lay. Inputs: ∂J/∂y and the index.</summary>
internal sealed record MaxPoolGradient(PoolWindows Windows, Shape InputShape) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Index);
        ExpectSame(inputs[0].Shape, inputs[1].Shape, "the index");
        ExpectSame(Windows.OutputShape(InputShape), inputs[0].Shape, "the error signal");
        return new(InputShape, ElementKind.Activation);
    }
}

/// <summary>y = the mean of each window over its pixels within the image. Input: x [N, H, W, C].</summary>
internal sealed record AveragePool(PoolWindows Windows) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation);
        ExpectRank(inputs[0], 4, "the input");
        return new(Windows.OutputShape(inputs[0].Shape), ElementKind.Activation);
    }
}

/// <summary>∂J/∂x of an <see cref="AveragePool"/>: each ∂J/∂y is shared out over its window. Input: ∂J/∂y.</summary>
internal sealed record AveragePoolGradient(PoolWindows Windows, Shape InputShape) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation);
        ExpectSame(Windows.OutputShape(InputShape), inputs[0].Shape, "the error signal");
        return new(InputShape, ElementKind.Activation);
    }
}
