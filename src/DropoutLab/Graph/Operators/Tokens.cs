namespace DropoutLab.Graph.Operators;

/// <summary>Which row of a table a token adds to its embedding.</summary>
internal enum EmbeddingRow
{
    /// <summary>That of the token's own number.</summary>
    Token,

    /// <summary>That of its place in the sentence, from 0.</summary>
    Position,

    /// <summary>The first, for every token: of a table of sentence types, where all sentences are of one type.</summary>
    First,
}

/// <summary>
/// y[n, l] = words[tokens[n, l]] + positions[l] + types[0], and 0 beyond a sentence's length: BERT's embeddings, Devlin et al.,
/// 2018. Inputs: tokens [N, L], lengths [N], words [V, W], positions [at least L, W], types [T, W]. Result: [N, L, W].
/// </summary>
internal sealed record Embedding : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(
            inputs, ElementKind.Label, ElementKind.Label, ElementKind.Accumulator, ElementKind.Accumulator,
            ElementKind.Accumulator);
        ExpectRank(inputs[0], 2, "the tokens");
        Shape tokens = inputs[0].Shape;
        ExpectSame(new Shape(tokens[0]), inputs[1].Shape, "the lengths");
        foreach (Value table in inputs.Skip(2))
            ExpectRank(table, 2, "a table");
        int width = inputs[2].Shape[1];
        if (inputs[3].Shape[1] != width || inputs[4].Shape[1] != width)
            throw new DropoutLabException(
                $"Embedding: the tables are {string.Join(", ", inputs.Skip(2).Select(table => table.Shape))}; their widths must "
                    + "be equal");
        return inputs[3].Shape[0] >= tokens[1]
            ? new(new Shape(tokens[0], tokens[1], width), ElementKind.Activation)
            : throw new DropoutLabException(
                $"Embedding: sentences of {tokens[1]} tokens need as many positions, the table has {inputs[3].Shape[0]}");
    }
}

/// <summary>
/// The gradient of one table: each row's is the sum of ∂J/∂y over the tokens that read it. Inputs: tokens [N, L], lengths [N],
/// ∂J/∂y [N, L, W]. Result: the table's shape.
/// </summary>
/// <param name="Row">Which row a token reads.</param>
/// <param name="Table">The table's shape.</param>
internal sealed record EmbeddingGradient(EmbeddingRow Row, Shape Table) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Label, ElementKind.Label, ElementKind.Activation);
        return new(Table, ElementKind.Accumulator);
    }
}

/// <summary>A sentence's first token, or the mean over its tokens. Inputs: x [N, L, W] and lengths [N]. Result: [N, W].</summary>
/// <param name="Pooling">Which.</param>
internal sealed record TokenPool(Pooling Pooling) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Label);
        ExpectRank(inputs[0], 3, "the input");
        ExpectSame(new Shape(inputs[0].Shape[0]), inputs[1].Shape, "the lengths");
        return new(new Shape(inputs[0].Shape[0], inputs[0].Shape[2]), ElementKind.Activation);
    }
}

/// <summary>∂J/∂x of a <see cref="TokenPool"/>. Inputs: ∂J/∂y [N, W] and lengths [N]. Result: [N, L, W].</summary>
/// <param name="Pooling">As forward.</param>
/// <param name="Tokens">L.</param>
internal sealed record TokenPoolGradient(Pooling Pooling, int Tokens) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Label);
        return new(new Shape(inputs[0].Shape[0], Tokens, inputs[0].Shape[1]), ElementKind.Activation);
    }
}

/// <summary>
/// y[n, m] = x[n, places[n, m]], and 0 where the place is −1. Inputs: x [N, L, W], lengths [N] and places [N, M], below the
/// length. Result: [N, M, W].
/// </summary>
internal sealed record GatherTokens : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Label, ElementKind.Label);
        ExpectRank(inputs[0], 3, "the input");
        ExpectSame(new Shape(inputs[0].Shape[0]), inputs[1].Shape, "the lengths");
        ExpectRank(inputs[2], 2, "the places");
        ExpectSame(new Shape(inputs[0].Shape[0], inputs[2].Shape[1]), inputs[2].Shape, "the places");
        return new(new Shape(inputs[0].Shape[0], inputs[2].Shape[1], inputs[0].Shape[2]), ElementKind.Activation);
    }
}

/// <summary>
/// ∂J/∂x of a <see cref="GatherTokens"/>: ∂J/∂y added up at its places, 0 elsewhere. Inputs: ∂J/∂y [N, M, W], lengths [N], places
/// [N, M]. Result: [N, L, W].
/// </summary>
/// <param name="Tokens">L.</param>
internal sealed record GatherTokensGradient(int Tokens) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Label, ElementKind.Label);
        return new(new Shape(inputs[0].Shape[0], Tokens, inputs[0].Shape[2]), ElementKind.Activation);
    }
}
