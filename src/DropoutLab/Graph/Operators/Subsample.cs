namespace DropoutLab.Graph.Operators;

/// <summary>
/// y[n, i, j, c] = x[n, s i, s j, c], and 0 in the channels that x does not have: the shortcut of a residual block that halves
/// the image and widens the channels, without parameters. Input: x [N, H, W, C].
/// Source: He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", 2015, section 3.3, option A.
/// </summary>
/// <param name="Stride">s: every s-th pixel of every s-th row is kept.</param>
/// <param name="Channels">The result's channels, C or more.</param>
internal sealed record Subsample(int Stride, int Channels) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation);
        ExpectRank(inputs[0], 4, "the input");
        return new(OutputShape(inputs[0].Shape), ElementKind.Activation);
    }

    /// <summary>The pixels of x that are kept, and where: numbers of pixels within an image, row by row.</summary>
    internal IEnumerable<(int From, int To)> KeptPixels(Shape x)
    {
        int to = 0;
        for (int row = 0; row < x[1]; row += Stride)
        {
            for (int column = 0; column < x[2]; column += Stride)
                yield return (row * x[2] + column, to++);
        }
    }

    internal Shape OutputShape(Shape x)
    {
        if (Stride < 1)
            throw new DropoutLabException($"Subsample: a stride of {Stride} must be at least 1");
        if (x[3] > Channels)
            throw new DropoutLabException($"Subsample: the input {x} has {x[3]} channels, more than the result's {Channels}");
        return new(x[0], (x[1] + Stride - 1) / Stride, (x[2] + Stride - 1) / Stride, Channels);
    }
}

/// <summary>∂J/∂x[n, s i, s j, c] = ∂J/∂y[n, i, j, c], and 0 at the pixels that were left out. Input: ∂J/∂y.</summary>
/// <param name="Forward">The shortcut.</param>
/// <param name="InputShape">x's shape.</param>
internal sealed record SubsampleGradient(Subsample Forward, Shape InputShape) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation);
        ExpectSame(Forward.OutputShape(InputShape), inputs[0].Shape, "the error signal");
        return new(InputShape, ElementKind.Activation);
    }
}
