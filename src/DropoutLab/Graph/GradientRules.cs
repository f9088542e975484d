using DropoutLab.Graph.Operators;

namespace DropoutLab.Graph;

/// <summary>The gradient of every operator, in one table: what has no row passes no error signal on.</summary>
internal static class GradientRules
{
    private static readonly Dictionary<Type, Func<ErrorSignal, Value?[]>> Table = new(
    [
        Rule<TwoPass>((_, _) => [null, null]), // its readers have sent theirs to the backward view
        Rule<Masked>((_, s) => [New(new Masked(), s.Dy, s.X[1]), null]),
        Rule<Convolution>((convolution, s) =>
        [
            s.Wanted(s.X[0]) ? New(new ConvolutionInputGradient(convolution, s.X[0].Shape), s.Dy, s.X[1]) : null,
            New(new ConvolutionWeightGradient(convolution, s.X[1].Shape), s.X[0], s.Dy),
            .. Bias(s),
        ]),
        Rule<LinearMap>((_, s) =>
        [
            s.Wanted(s.X[0]) ? New(new LinearInputGradient(), s.Dy, s.X[1]) : null,
            New(new LinearWeightGradient(), s.X[0], s.Dy),
            .. Bias(s),
        ]),
        Rule<MaxPool>((pool, s) =>
            [New(new MaxPoolGradient(pool.Windows, s.X[0].Shape), s.Dy, New(new MaxPoolIndex(pool.Windows), s.X[0]))]),
        Rule<AveragePool>((pool, s) => [New(new AveragePoolGradient(pool.Windows, s.X[0].Shape), s.Dy)]),
        // y and x have the same sign, and y is at hand; but not where the backward pass sees another x.
        Rule<Relu>((_, s) => [New(new ReluGradient(), s.Dy, s.X[0] == s.Y.Inputs[0] ? s.Y : s.X[0])]),
        Rule<Gelu>((_, s) => [New(new GeluGradient(), s.Dy, s.X[0])]),
        Rule<Tanh>((_, s) => [New(new TanhGradient(), s.Dy, s.X[0])]),
        Rule<Add>((_, s) => [s.Dy, s.Dy]),
        Rule<Scale>((scale, s) => [New(scale, s.Dy)]),
        Rule<Reshape>((_, s) => [Operations.Reshape(s.Dy, s.X[0].Shape)]),
        Rule<Subsample>((subsample, s) => [New(new SubsampleGradient(subsample, s.X[0].Shape), s.Dy)]),
        Rule<ChannelNorm>(Normalisation),
        Rule<LayerNorm>((norm, s) =>
        [
            s.Wanted(s.X[0]) ? New(new LayerNormInputGradient(norm), s.Dy, s.X[0], s.X[1]) : null,
            New(new LayerNormScaleGradient(norm), s.Dy, s.X[0]),
            New(new BiasGradient(), s.Dy),
        ]),
        Rule<Embedding>((_, s) =>
        [
            null, null, EmbeddingTable(s, EmbeddingRow.Token, 2), EmbeddingTable(s, EmbeddingRow.Position, 3),
            EmbeddingTable(s, EmbeddingRow.First, 4),
        ]),
        Rule<AttentionProbabilities>((attention, s) =>
        {
            Value scores = New(new AttentionScoresGradient(s.X[0].Shape[2] / attention.Heads), s.Dy, s.Y);
            return
            [
                New(new AttentionContext(IsTransposed: false), scores, s.X[1]),
                New(new AttentionContext(IsTransposed: true), scores, s.X[0]),
                null,
            ];
        }),
        Rule<AttentionContext>((context, s) => context.IsTransposed ? throw NoGradient(context) :
        [
            New(new AttentionProducts(s.X[0].Shape[1]), s.Dy, s.X[1]),
            New(new AttentionContext(IsTransposed: true), s.X[0], s.Dy),
        ]),
        Rule<TokenPool>((pool, s) => [New(new TokenPoolGradient(pool.Pooling, s.X[0].Shape[1]), s.Dy, s.X[1]), null]),
        Rule<GatherTokens>((_, s) => [New(new GatherTokensGradient(s.X[0].Shape[1]), s.Dy, s.X[1], s.X[2]), null, null]),
        Rule<SoftmaxCrossEntropy>((loss, s) => [New(new SoftmaxCrossEntropyGradient(loss), s.X[0], s.X[1], s.Dy), null]),
        Rule<SquaredError>((_, s) => [New(new SquaredErrorGradient(), s.X[0], s.X[1], s.Dy), null]),
        Rule<TokenCrossEntropy>((_, s) => [New(new TokenCrossEntropyGradient(), s.X[0], s.X[1], s.Dy), null]),
        Rule<ContrastiveLoss>((loss, s) => [New(new ContrastiveLossGradient(loss), s.X[0], s.Dy)]),
    ]);

    /// <summary>Whether an error signal can pass from this operator's result to its inputs.</summary>
    public static bool Has(Operator @operator) => Table.ContainsKey(@operator.GetType());

    /// <summary>
    /// The gradients of J with respect to the inputs of a value, null for those that have none or are not asked for.
    /// </summary>
    public static Value?[] Apply(ErrorSignal signal) => Has(signal.Y.Operator)
        ? Table[signal.Y.Operator.GetType()](signal)
        : throw NoGradient(signal.Y.Operator);

    /// <summary>To x, γ and β. The mean and the variance are x's own, and what flows through them is in x's gradient.</summary>
    private static Value?[] Normalisation(ChannelNorm normalisation, ErrorSignal s)
    {
        (Value[] x, Value own) = (s.X, s.Y.Inputs[0]);
        if (x[1].Operator is not BatchMean || x[2].Operator is not BatchVariance || x[1].Inputs[0] != own
            || x[2].Inputs[0] != own)
            throw new DropoutLabException(
                "a batch normalisation by running averages has no gradient: build the network for training");
        Value scale = New(new BatchNormScaleGradient(normalisation), s.Dy, x[0], x[1], x[2]);
        Value shift = New(new BatchNormShiftGradient(), s.Dy);
        return [New(new BatchNormInputGradient(normalisation), s.Dy, x[0], x[1], x[2], x[3], scale, shift), null, null,
            scale, shift];
    }

    private static DropoutLabException NoGradient(Operator @operator) => new($"{@operator.GetType().Name} has no gradient");

    private static KeyValuePair<Type, Func<ErrorSignal, Value?[]>> Rule<TOperator>(Func<TOperator, ErrorSignal, Value?[]> rule)
        where TOperator : Operator => new(typeof(TOperator), signal => rule((TOperator)signal.Y.Operator, signal));

    private static Value New(Operator @operator, params ReadOnlySpan<Value> inputs) => new(@operator, inputs);

    private static Value EmbeddingTable(ErrorSignal s, EmbeddingRow row, int input) =>
        New(new EmbeddingGradient(row, s.X[input].Shape), s.X[0], s.X[1], s.Dy);

    private static Value?[] Bias(ErrorSignal s) => s.X.Length == 3 ? [New(new BiasGradient(), s.Dy)] : [];
}

/// <summary>What comes back to a value.</summary>
/// <param name="Y">The value.</param>
/// <param name="X">Its inputs as the backward pass sees them: a <see cref="TwoPass"/> replaced by its backward view.</param>
/// <param name="Dy">∂J/∂y.</param>
/// <param name="Wanted">Whether somebody needs the gradient of an input.</param>
internal sealed record ErrorSignal(Value Y, Value[] X, Value Dy, Func<Value, bool> Wanted);
