namespace DropoutLab.Graph.Operators;

/// <summary>
/// J = −(1/N) Σₙ log softmax(zₙ)[labelₙ], in nats, computed as log Σ exp(z − max z) + max z − z[label].
/// Inputs: z [N, classes] and labels [N]. Result: [1].
/// </summary>
public sealed record SoftmaxCrossEntropy : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Label);
        ExpectRank(inputs[0], 2, "the logits");
        ExpectSame(new Shape(inputs[0].Shape[0]), inputs[1].Shape, "the labels");
        return new(new Shape(1), ElementKind.Accumulator);
    }
}

/// <summary>∂J/∂z = (softmax(z) − onehot(label)) / N. Inputs: z and labels.</summary>
public sealed record SoftmaxCrossEntropyGradient : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Label);
        ExpectRank(inputs[0], 2, "the logits");
        ExpectSame(new Shape(inputs[0].Shape[0]), inputs[1].Shape, "the labels");
        return new(inputs[0].Shape, ElementKind.Activation);
    }
}

/// <summary>How many data have their largest logit (the first among equals) at their label. Inputs: z and labels. Result: [1].</summary>
public sealed record CorrectCount : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Label);
        ExpectRank(inputs[0], 2, "the logits");
        ExpectSame(new Shape(inputs[0].Shape[0]), inputs[1].Shape, "the labels");
        return new(new Shape(1), ElementKind.Accumulator);
    }
}
