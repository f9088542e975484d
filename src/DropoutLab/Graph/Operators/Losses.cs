namespace DropoutLab.Graph.Operators;

/// <summary>A number for the batch of its predictions and what they should have been.</summary>
internal abstract record BatchScore : Operator
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
internal sealed record SoftmaxCrossEntropy(double LabelSmoothing = 0) : BatchScore
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs) => InferScore(inputs, ElementKind.Label);
}

/// <summary>
/// ∂J/∂z = d (softmax(z) − t)/N of a <see cref="SoftmaxCrossEntropy"/>. Inputs: z, labels, and d, the error signal of J.
/// </summary>
/// <param name="Forward">The loss.</param>
internal sealed record SoftmaxCrossEntropyGradient(SoftmaxCrossEntropy Forward) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs) => BatchScore.InferGradient(this, inputs, ElementKind.Label);
}

/// <summary>J = Σ (y − t)² / (N K): the mean over data and outputs. Inputs: y [N, K] and t [N, K]. Result: [1].</summary>
internal sealed record SquaredError : BatchScore
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs) => InferScore(inputs, ElementKind.Accumulator);
}

/// <summary>∂J/∂y = 2 d (y − t)/(N K) of a <see cref="SquaredError"/>. Inputs: y, t, and d, the error signal of J.</summary>
internal sealed record SquaredErrorGradient : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs) =>
        BatchScore.InferGradient(this, inputs, ElementKind.Accumulator);
}

/// <summary>
/// How many data have their largest logit (the first among equals) at their label. Inputs: z and labels. Result: [1].
/// </summary>
internal sealed record CorrectCount : BatchScore
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs) => InferScore(inputs, ElementKind.Label);
}

/// <summary>
/// J = −(1/K) Σ log softmax(z[n, m])_t over the K places whose token t = tokens[n, m] is not −1, in nats; 0 where there are none.
/// Inputs: z [N, M, V] and tokens [N, M]. Result: [1]. Source: Devlin et al., "BERT", 2018, the masked language model.
/// </summary>
internal sealed record TokenCrossEntropy : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Label);
        ExpectTokens(this, inputs);
        return new(new Shape(1), ElementKind.Accumulator);
    }

    internal static void ExpectTokens(Operator @operator, IReadOnlyList<Value> inputs)
    {
        @operator.ExpectRank(inputs[0], 3, "the predictions");
        @operator.ExpectSame(new Shape(inputs[0].Shape.Axes[..2]), inputs[1].Shape, "the tokens");
    }
}

/// <summary>
/// ∂J/∂z = d (softmax(z) − onehot(t))/K of a <see cref="TokenCrossEntropy"/>. Inputs: z, tokens, and d, the error signal of J.
/// </summary>
internal sealed record TokenCrossEntropyGradient : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Label, ElementKind.Accumulator);
        TokenCrossEntropy.ExpectTokens(this, inputs);
        return new(inputs[0].Shape, ElementKind.Activation);
    }
}

/// <summary>
/// J = −(1/N) Σᵢ log [exp(sim(uᵢ, vᵢ)/τ) / Σⱼ exp(sim(uᵢ, vⱼ)/τ)], in nats, with sim(a, b) = aᵀb/(‖a‖ ‖b‖), of N pairs: rows 2i
/// and 2i + 1 are uᵢ and vᵢ. Input: [2N, D]. Result: [1].
/// Source: Gao, Yao and Chen, "SimCSE: Simple Contrastive Learning of Sentence Embeddings", 2021, equation 4.
/// </summary>
/// <param name="Temperature">τ, above 0.</param>
internal sealed record ContrastiveLoss(double Temperature) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation);
        ExpectRank(inputs[0], 2, "the pairs");
        return inputs[0].Shape[0] % 2 == 0
            ? new(new Shape(1), ElementKind.Accumulator)
            : throw new DropoutLabException(
                $"ContrastiveLoss: {inputs[0].Shape} has an odd number of rows; two of them are a pair");
    }
}

/// <summary>∂J/∂(u, v) of a <see cref="ContrastiveLoss"/>. Inputs: the pairs [2N, D], and the error signal of J.</summary>
/// <param name="Forward">The loss.</param>
internal sealed record ContrastiveLossGradient(ContrastiveLoss Forward) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Accumulator);
        return new(inputs[0].Shape, ElementKind.Activation);
    }
}
