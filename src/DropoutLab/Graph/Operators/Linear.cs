namespace DropoutLab.Graph.Operators;

/// <summary>z = h Wᵀ + b. Inputs: h [N, I], W [O, I], and optionally b [O]. Result: [N, O].</summary>
public sealed record Linear : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        ExpectWeightLayer(inputs, rank: 2);
        Shape h = inputs[0].Shape, w = inputs[1].Shape;
        if (h[1] != w[1])
            throw new DropoutLabException($"Linear: the input {h} has {h[1]} features, the weight {w} wants {w[1]}");
        return new(new Shape(h[0], w[0]), ElementKind.Activation);
    }
}

/// <summary>∂J/∂h = ∂J/∂z W of a <see cref="Linear"/>. Inputs: ∂J/∂z and W.</summary>
public sealed record LinearInputGradient : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Accumulator);
        return new(new Shape(inputs[0].Shape[0], inputs[1].Shape[1]), ElementKind.Activation);
    }
}

/// <summary>∂J/∂W = (∂J/∂z)ᵀ h of a <see cref="Linear"/>. Inputs: h as the backward pass sees it, and ∂J/∂z.</summary>
public sealed record LinearWeightGradient : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Activation);
        return new(new Shape(inputs[1].Shape[1], inputs[0].Shape[1]), ElementKind.Accumulator);
    }
}
