namespace DropoutLab.Graph.Operators;

/// <summary>
/// y = γ x̂ + β with x̂ = (x − μ)/√(σ² + <paramref name="Epsilon"/>), where μ and σ² are the mean and the variance of each row of
/// channels by itself. Inputs: x [N, …, C], γ and β [C]. Result: [N, …, C].
/// Source: Ba, Kiros and Hinton, "Layer Normalization", 2016.
/// </summary>
/// <param name="Epsilon">Added to the variance; above 0.</param>
internal sealed record LayerNorm(double Epsilon) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Accumulator, ElementKind.Accumulator);
        ExpectChannels(inputs[0]);
        ExpectSame(inputs[0].Shape.Channels, inputs[1].Shape, "the scale");
        ExpectSame(inputs[0].Shape.Channels, inputs[2].Shape, "the shift");
        return Epsilon > 0
            ? new(inputs[0].Shape, ElementKind.Activation)
            : throw new DropoutLabException($"LayerNorm: ε must be above 0, not {Epsilon}");
    }
}

/// <summary>
/// ∂J/∂x = (g − mean(g) − x̂ mean(g ⊙ x̂))/√(σ² + ε) with g = γ ⊙ ∂J/∂y, row by row. Inputs: ∂J/∂y and x [N, …, C], γ [C].
/// </summary>
/// <param name="Forward">The normalisation.</param>
internal sealed record LayerNormInputGradient(LayerNorm Forward) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Activation, ElementKind.Accumulator);
        ExpectSame(inputs[0].Shape, inputs[1].Shape, "the input");
        return new(inputs[0].Shape, ElementKind.Activation);
    }
}

/// <summary>∂J/∂γ = Σ ∂J/∂y ⊙ x̂ over all rows. Inputs: ∂J/∂y and x [N, …, C]. Result: [C].</summary>
/// <param name="Forward">The normalisation.</param>
internal sealed record LayerNormScaleGradient(LayerNorm Forward) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Activation);
        ExpectSame(inputs[0].Shape, inputs[1].Shape, "the input");
        return new(inputs[0].Shape.Channels, ElementKind.Accumulator);
    }
}
