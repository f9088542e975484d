using DropoutLab.Dropout;

namespace DropoutLab.Graph.Operators;

/// <summary>An array that the caller fills before each step.</summary>
public sealed record Input(string Name, Shape Shape, ElementKind Kind) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs);
        return new(Shape, Kind);
    }
}

/// <summary>A trained array; see <see cref="Graph.Parameter"/>.</summary>
public sealed record ParameterSource(Parameter Parameter) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs);
        return new(Parameter.Shape, ElementKind.Accumulator);
    }
}

/// <summary>
/// A mask ε for data of the shape <paramref name="Shape"/>, drawn anew each step: ε = 0 with the probability
/// <see cref="MaskSource.DropProbability"/>, else 1.
/// </summary>
public sealed record DrawMask(MaskSource Mask, Shape Shape) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs);
        Mask.Sharing.CheckFit(Shape.Axes, nameof(DrawMask));
        return new(Shape, ElementKind.Bit);
    }
}

/// <summary>The number 1: the gradient of a loss with respect to itself.</summary>
public sealed record One : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs);
        return new(new Shape(1), ElementKind.Accumulator);
    }
}
