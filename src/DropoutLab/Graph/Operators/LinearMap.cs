namespace DropoutLab.Graph.Operators;

/// <summary>
/// z = h Wᵀ + b, row by row. Inputs: h [N, I], or [N, L, I] of sentences, W [O, I], and optionally b [O]. Result: [N, O], or [N,
/// L, O].
/// </summary>
internal sealed record LinearMap : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        ExpectWeightLayer(inputs, rank: inputs.Count > 0 && inputs[0].Shape.Rank == 3 ? 3 : 2, weightRank: 2);
        Shape h = inputs[0].Shape, w = inputs[1].Shape;
        if (h.Axes[^1] != w[1])
            throw new DropoutLabException($"Linear: the input {h} has {h.Axes[^1]} features, the weight {w} wants {w[1]}");
        return new(h.WithChannels(w[0]), ElementKind.Activation);
    }
}

/// <summary>∂J/∂h = ∂J/∂z W of a <see cref="LinearMap"/>. Inputs: ∂J/∂z and W.</summary>
internal sealed record LinearInputGradient : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Accumulator);
        return new(inputs[0].Shape.WithChannels(inputs[1].Shape[1]), ElementKind.Activation);
    }
}

/// <summary>∂J/∂W = (∂J/∂z)ᵀ h of a <see cref="LinearMap"/>. Inputs: h as the backward pass sees it, and ∂J/∂z.</summary>
internal sealed record LinearWeightGradient : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Activation);
        return new(new Shape(inputs[1].Shape.Axes[^1], inputs[0].Shape.Axes[^1]), ElementKind.Accumulator);
    }
}
