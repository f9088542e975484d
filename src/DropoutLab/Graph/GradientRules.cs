using DropoutLab.Graph.Operators;

namespace DropoutLab.Graph;

/// <summary>The gradient of every operator, in one table.</summary>
internal static class GradientRules
{
    /// <summary>Whether an error signal can pass from this operator's result to its inputs.</summary>
    public static bool Has(Operator @operator) => @operator
        is TwoPass or Masked or Convolution or Linear or MaxPool or AveragePool or Relu or Add or Reshape or Subsample or BatchNorm
        or SoftmaxCrossEntropy;

    /// <summary>
    /// The gradients of J with respect to the inputs of <paramref name="y"/>, null for those that have none.
    /// <paramref name="x"/> are the inputs as the backward pass sees them (a <see cref="TwoPass"/> replaced by its backward view),
    /// and <paramref name="dy"/> is ∂J/∂y. Only the asked-for ones (<paramref name="wanted"/>) are made.
    /// </summary>
    public static Value?[] Apply(Value y, Value[] x, Value dy, Func<Value, bool> wanted) => y.Operator switch
    {
        Masked => [New(new Masked(), dy, x[1]), null],
        Convolution convolution =>
        [
            wanted(x[0]) ? New(new ConvolutionInputGradient(convolution, x[0].Shape), dy, x[1]) : null,
            New(new ConvolutionWeightGradient(convolution, x[1].Shape), x[0], dy),
            .. Bias(x, dy),
        ],
        Linear =>
        [
            wanted(x[0]) ? New(new LinearInputGradient(), dy, x[1]) : null,
            New(new LinearWeightGradient(), x[0], dy),
            .. Bias(x, dy),
        ],
        MaxPool pool => [New(new MaxPoolGradient(pool.Windows, x[0].Shape), dy, New(new MaxPoolIndex(pool.Windows), x[0]))],
        AveragePool pool => [New(new AveragePoolGradient(pool.Windows, x[0].Shape), dy)],
        // y and x have the same sign, and y is at hand; but not where the backward pass sees another x.
        Relu => [New(new ReluGradient(), dy, x[0] == y.Inputs[0] ? y : x[0])],
        Add => [dy, dy],
        Reshape => [Operations.Reshape(dy, x[0].Shape)],
        Subsample subsample => [New(new SubsampleGradient(subsample, x[0].Shape), dy)],
        BatchNorm normalisation => Normalisation(normalisation, y, x, dy),
        SoftmaxCrossEntropy when dy.Operator is One => [New(new SoftmaxCrossEntropyGradient(), x[0], x[1]), null],
        SoftmaxCrossEntropy => throw new DropoutLabException("a loss can only be differentiated as the last value of a graph"),
        _ => throw new DropoutLabException($"{y.Operator.GetType().Name} has no gradient"),
    };

    /// <summary>To x, γ and β. The mean and the variance are x's own, and what flows through them is in x's gradient.</summary>
    private static Value?[] Normalisation(BatchNorm normalisation, Value y, Value[] x, Value dy)
    {
        if (x[1].Operator is not BatchMean || x[2].Operator is not BatchVariance || x[1].Inputs[0] != y.Inputs[0] || x[2].Inputs[0] != y.Inputs[0])
            throw new DropoutLabException("a batch normalisation by running averages has no gradient: build the network for training");
        Value scale = New(new BatchNormScaleGradient(normalisation), dy, x[0], x[1], x[2]);
        Value shift = New(new BatchNormShiftGradient(), dy);
        return [New(new BatchNormInputGradient(normalisation), dy, x[0], x[1], x[2], x[3], scale, shift), null, null, scale, shift];
    }

    private static Value New(Operator @operator, params ReadOnlySpan<Value> inputs) => new(@operator, inputs);

    private static Value?[] Bias(Value[] x, Value dy) => x.Length == 3 ? [New(new BiasGradient(), dy)] : [];
}
