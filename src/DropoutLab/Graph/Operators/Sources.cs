using DropoutLab.Dropout;

namespace DropoutLab.Graph.Operators;

/// <summary>An array that the caller fills before each step.</summary>
internal sealed record Input(string Name, Shape Shape, ElementKind Kind) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs);
        return new(Shape, Kind);
    }
}

/// <summary>A trained array; see <see cref="Graph.Parameter"/>.</summary>
internal sealed record ParameterSource(Parameter Parameter) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs);
        return new(Parameter.Shape, ElementKind.Accumulator);
    }
}

/// <summary>A mask ε, a bit an element, 1 for kept, together with the p that its kept elements are scaled for.</summary>
internal abstract record MaskOperator : Operator
{
    /// <summary>p by step; <see cref="Masked"/> multiplies what is kept by 1/(1 − p).</summary>
    public abstract RatioSchedule DropProbability { get; }
}

/// <summary>
/// A mask ε for data of the shape <paramref name="Shape"/>, drawn anew each step: ε = 0 with the probability
/// <see cref="MaskSource.DropProbability"/>, else 1.
/// </summary>
internal sealed record DrawMask(MaskSource Mask, Shape Shape) : MaskOperator
{
    /// <inheritdoc/>
    public override RatioSchedule DropProbability => Mask.DropProbability;

    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs);
        Mask.Sharing.CheckFit(Shape.Axes, nameof(DrawMask));
        return new(Shape, ElementKind.Bit);
    }
}

/// <summary>A mask ε that the caller gives, as data: the bits stay until others are given, p is that of the step.</summary>
internal sealed record InputMask(string Name, Shape Shape, RatioSchedule DropProbability) : MaskOperator
{
    /// <inheritdoc/>
    public override RatioSchedule DropProbability { get; } = DropProbability;

    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs);
        return new(Shape, ElementKind.Bit);
    }
}

/// <summary>A number, [1]: 1 is the gradient of a loss with respect to itself.</summary>
internal sealed record Constant(double Number) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs);
        return new(new Shape(1), ElementKind.Accumulator);
    }
}
