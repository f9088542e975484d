namespace DropoutLab.Graph.Operators;

/// <summary>
/// One value with two views. Inputs: a (forward) and b (backward), of one shape. The value is a; whoever differentiates through
/// it reads b instead, and the gradient flows to b. Every dropout variant is this and <see cref="Masked"/>.
/// </summary>
internal sealed record TwoPass : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Activation);
        ExpectSame(inputs[0].Shape, inputs[1].Shape, "the backward view");
        return new(inputs[0].Shape, ElementKind.Activation);
    }
}

/// <summary>
/// Inverted dropout with a given mask: y = x ⊙ ε / (1 − p), with p the mask's drop probability. Inputs: x and ε. Its gradient is
/// itself: ∂J/∂x = ∂J/∂y ⊙ ε / (1 − p).
/// </summary>
internal sealed record Masked : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Bit);
        ExpectSame(inputs[0].Shape, inputs[1].Shape, "the mask");
        if (inputs[1].Operator is not MaskOperator)
            throw new DropoutLabException(
                "Masked takes a mask of DrawMask or InputMask, which know what kept elements are divided by");
        return new(inputs[0].Shape, ElementKind.Activation);
    }
}
