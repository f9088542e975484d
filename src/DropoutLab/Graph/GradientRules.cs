using DropoutLab.Graph.Operators;

namespace DropoutLab.Graph;

/// <summary>The gradient of every operator, in one table.</summary>
internal static class GradientRules
{
    /// <summary>Whether an error signal can pass from this operator's result to its inputs.</summary>
    public static bool Has(Operator @operator) => @operator
        is TwoPass or Masked or Convolution or Linear or MaxPool or AveragePool or Relu or Add or Reshape or SoftmaxCrossEntropy;

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
        SoftmaxCrossEntropy when dy.Operator is One => [New(new SoftmaxCrossEntropyGradient(), x[0], x[1]), null],
        SoftmaxCrossEntropy => throw new DropoutLabException("a loss can only be differentiated as the last value of a graph"),
        _ => throw new DropoutLabException($"{y.Operator.GetType().Name} has no gradient"),
    };

    private static Value New(Operator @operator, params ReadOnlySpan<Value> inputs) => new(@operator, inputs);

    private static Value?[] Bias(Value[] x, Value dy) => x.Length == 3 ? [New(new BiasGradient(), dy)] : [];
}
