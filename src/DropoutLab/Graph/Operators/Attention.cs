namespace DropoutLab.Graph.Operators;

/// <summary>
/// P[n, h, i, j] = softmax over j of qᵢ·kⱼ/√d among the sentence's own tokens, 0 beyond its length, with the d = W/H channels of
/// head h. Inputs: q and k [N, L, W], and lengths [N]. Result: [N, H, L, L].
/// Source: Vaswani et al., "Attention Is All You Need", 2017.
/// </summary>
/// <param name="Heads">H, which divides W.</param>
internal sealed record AttentionProbabilities(int Heads) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Activation, ElementKind.Label);
        ExpectSame(inputs[0].Shape, inputs[1].Shape, "the keys");
        ExpectSame(new Shape(inputs[0].Shape[0]), inputs[2].Shape, "the lengths");
        return new(AttentionHeads.ProductsOf(this, inputs[0], Heads), ElementKind.Activation);
    }
}

/// <summary>∂J/∂S = P ⊙ (∂J/∂P − Σⱼ ∂J/∂P ⊙ P)/√d of S = QKᵀ, the scores before √d. Inputs: ∂J/∂P and P [N, H, L, L].</summary>
/// <param name="Channels">d, those of a head.</param>
internal sealed record AttentionScoresGradient(int Channels) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Activation);
        ExpectSame(inputs[0].Shape, inputs[1].Shape, "the probabilities");
        return new(inputs[0].Shape, ElementKind.Activation);
    }
}

/// <summary>
/// Head by head c = P v, or Pᵀ v: cᵢ = Σⱼ P[i, j] vⱼ, or Σⱼ P[j, i] vⱼ. The first is what attention gives, and both are gradients
/// of products. Inputs: P [N, H, L, L] and v [N, L, W]. Result: [N, L, W].
/// </summary>
/// <param name="IsTransposed">Whether P is.</param>
internal sealed record AttentionContext(bool IsTransposed) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Activation);
        ExpectRank(inputs[0], 4, "the probabilities");
        ExpectSame(AttentionHeads.ProductsOf(this, inputs[1], inputs[0].Shape[1]), inputs[0].Shape, "the probabilities");
        return new(inputs[1].Shape, ElementKind.Activation);
    }
}

/// <summary>Head by head a bᵀ: aᵢ·bⱼ. Inputs: a and b [N, L, W]. Result: [N, H, L, L].</summary>
/// <param name="Heads">H, which divides W.</param>
internal sealed record AttentionProducts(int Heads) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Activation);
        ExpectSame(inputs[0].Shape, inputs[1].Shape, "the second factor");
        return new(AttentionHeads.ProductsOf(this, inputs[0], Heads), ElementKind.Activation);
    }
}

internal static class AttentionHeads
{
    /// <summary>[N, H, L, L] of [N, L, W].</summary>
    public static Shape ProductsOf(Operator @operator, Value tokens, int heads)
    {
        Shape shape = tokens.Shape;
        return shape.Rank == 3 && heads > 0 && shape[2] % heads == 0
            ? new Shape(shape[0], heads, shape[1], shape[1])
            : throw new DropoutLabException(
                $"{@operator.GetType().Name}: {shape} are not [N, L, W] with a width that {heads} heads divide");
    }
}
