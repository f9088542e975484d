namespace DropoutLab.Graph.Operators;

/// <summary>A number for the batch of its predictions and what they should have been.</summary>
public abstract record BatchScore : Operator
{
    /// <summary>Checks predictions z [N, K] and their targets, and gives the type of the result, [1].</summary>
    private protected ValueType InferScore(IReadOnlyList<Value> inputs, ElementKind targets)
    {
        Expect(inputs, ElementKind.Activation, targets);
        ExpectTargets(inputs[0], inputs[1]);
        return new(new Shape(1), ElementKind.Accumulator);
    }

    /// <summary>The same of a loss's gradient, which reads ∂/∂J besides and has the shape of z.</summary>
    internal static ValueType InferGradient(Operator gradient, IReadOnlyList<Value> inputs, ElementKind targets)
    {
        gradient.Expect(inputs, ElementKind.Activation, targets, ElementKind.Accumulator);
        gradient.ExpectTargets(inputs[0], inputs[1]);
        gradient.ExpectSame(new Shape(1), inputs[2].Shape, "the error signal of a loss");
        return new(inputs[0].Shape, ElementKind.Activation);
    }
}

/// <summary>
/// J = −(1/N) Σₙ Σₖ tₙₖ log softmax(zₙ)ₖ with t = (1 − s) onehot(label) + s/K, in nats, computed as
/// log Σ exp(z − max z) + max z − Σ t z. Inputs: z [N, K] and labels [N]. Result: [1].
/// Source of s: Szegedy, Vanhoucke, Ioffe, Shlens and Wojna, "Rethinking the Inception Architecture for Computer Vision", 2016.
/// </summary>
/// <param name="LabelSmoothing">s in [0, 1): the part of a target that is spread over all classes.</param>
public sealed record SoftmaxCrossEntropy(double LabelSmoothing = 0) : BatchScore
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs) => InferScore(inputs, ElementKind.Label);
}

/// <summary>∂J/∂z = d (softmax(z) − t)/N of a <see cref="SoftmaxCrossEntropy"/>. Inputs: z, labels, and d, the error signal of J.</summary>
/// <param name="Forward">The loss.</param>
public sealed record SoftmaxCrossEntropyGradient(SoftmaxCrossEntropy Forward) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs) => BatchScore.InferGradient(this, inputs, ElementKind.Label);
}

/// <summary>J = Σ (y − t)² / (N K): the mean over data and outputs. Inputs: y [N, K] and t [N, K]. Result: [1].</summary>
public sealed record MeanSquareError : BatchScore
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs) => InferScore(inputs, ElementKind.Accumulator);
}

/// <summary>∂J/∂y = 2 d (y − t)/(N K) of a <see cref="MeanSquareError"/>. Inputs: y, t, and d, the error signal of J.</summary>
public sealed record MeanSquareErrorGradient : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs) => BatchScore.InferGradient(this, inputs, ElementKind.Accumulator);
}

/// <summary>How many data have their largest logit (the first among equals) at their label. Inputs: z and labels. Result: [1].</summary>
public sealed record CorrectCount : BatchScore
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs) => InferScore(inputs, ElementKind.Label);
}
