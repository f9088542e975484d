namespace DropoutLab.Graph.Operators;

/// <summary>A number for each channel, from all that the batch has of it. Input: [N, …, C]. Result: [C].</summary>
internal abstract record ChannelStatistic : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation);
        ExpectChannels(inputs[0]);
        return new(inputs[0].Shape.Channels, ElementKind.Accumulator);
    }
}

/// <summary>
/// μ = Σ x / M for each channel, over the M elements that it has in the batch. Input: x [N, …, C]. Result: [C].
/// </summary>
internal sealed record BatchMean : ChannelStatistic;

/// <summary>
/// σ² = Σ (x − μ)² / M for each channel, over the M elements that it has in the batch. Input: x [N, …, C]. Result: [C].
/// </summary>
internal sealed record BatchVariance : ChannelStatistic
{
    /// <summary>Whether a value is a variance of a single value (M = 1), which there is none of.</summary>
    internal static bool IsOfOneValue(Value value) =>
        value.Operator is BatchVariance && value.Inputs[0].Shape.Count == value.Shape.Count;
}

/// <summary>
/// y = γ x̂ + β with x̂ = (x − μ)/√(σ² + <paramref name="Epsilon"/>), channel by channel. Inputs: x [N, …, C], and μ, σ², γ, β
/// [C]. The mean and the variance are the batch's own, or running averages of them, which have no gradient.
/// Source: Ioffe and Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift",
/// 2015.
/// </summary>
/// <param name="Epsilon">What is added to the variance.</param>
internal sealed record ChannelNorm(double Epsilon) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Accumulator, ElementKind.Accumulator, ElementKind.Accumulator,
            ElementKind.Accumulator);
        ExpectChannels(inputs[0]);
        foreach (Value input in inputs.Skip(1))
            ExpectSame(inputs[0].Shape.Channels, input.Shape, "what a channel is normalised by");
        return new(inputs[0].Shape, ElementKind.Activation);
    }
}

/// <summary>∂J/∂β = Σ ∂J/∂y for each channel. Input: ∂J/∂y [N, …, C]. Result: [C].</summary>
internal sealed record BatchNormShiftGradient : ChannelStatistic;

/// <summary>∂J/∂γ = Σ x̂ ∂J/∂y for each channel. Inputs: ∂J/∂y and x [N, …, C], μ and σ² [C]. Result: [C].</summary>
/// <param name="Forward">The normalisation.</param>
internal sealed record BatchNormScaleGradient(ChannelNorm Forward) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Activation, ElementKind.Activation, ElementKind.Accumulator, ElementKind.Accumulator);
        ExpectSame(inputs[0].Shape, inputs[1].Shape, "the input");
        return new(inputs[0].Shape.Channels, ElementKind.Accumulator);
    }
}

/// <summary>
/// ∂J/∂x = γ/√(σ² + ε) (∂J/∂y − (∂J/∂β + x̂ ∂J/∂γ)/M), where μ and σ² are those of x itself.
/// Inputs: ∂J/∂y and x [N, …, C], and μ, σ², γ, ∂J/∂γ, ∂J/∂β [C].
/// </summary>
/// <param name="Forward">The normalisation.</param>
internal sealed record BatchNormInputGradient(ChannelNorm Forward) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(
            inputs, ElementKind.Activation, ElementKind.Activation, ElementKind.Accumulator, ElementKind.Accumulator,
            ElementKind.Accumulator, ElementKind.Accumulator, ElementKind.Accumulator);
        ExpectSame(inputs[0].Shape, inputs[1].Shape, "the input");
        return new(inputs[0].Shape, ElementKind.Activation);
    }
}

/// <summary>
/// r + m (f x − r): an average over the steps in which older ones fade. Inputs: r, so far, and x, this step's, of one shape.
/// </summary>
/// <param name="Momentum">m, this step's part.</param>
/// <param name="Factor">f, which corrects x.</param>
internal sealed record RunningAverage(double Momentum, double Factor) : Operator
{
    internal override ValueType Infer(IReadOnlyList<Value> inputs)
    {
        Expect(inputs, ElementKind.Accumulator, ElementKind.Accumulator);
        ExpectSame(inputs[0].Shape, inputs[1].Shape, "this step's value");
        return new(inputs[0].Shape, ElementKind.Accumulator);
    }
}
