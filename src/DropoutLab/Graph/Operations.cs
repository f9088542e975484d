using DropoutLab.Dropout;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Graph;

/// <summary>Makes values: one method an operator, with its formula on the operator's record.</summary>
public static class Operations
{
    /// <inheritdoc cref="Operators.Input"/>
    /// <param name="name">By which the plan takes its data.</param>
    /// <param name="shape">Its shape, the batch first.</param>
    /// <param name="kind">What its elements are.</param>
    public static Value Input(string name, Shape shape, ElementKind kind = ElementKind.Activation) =>
        new(new Input(name, shape, kind));

    /// <inheritdoc cref="ParameterSource"/>
    /// <param name="parameter">Its name, shape and initial values.</param>
    public static Value Parameter(Parameter parameter) => new(new ParameterSource(parameter));

    /// <inheritdoc cref="Operators.DrawMask"/>
    public static Value DrawMask(MaskSource mask, Shape shape) => new(new DrawMask(mask, shape));

    /// <inheritdoc cref="Operators.InputMask"/>
    /// <param name="name">What errors call it.</param>
    /// <param name="shape">The shape of what is masked, the batch first.</param>
    /// <param name="dropProbability">p: a number, or how it changes over the steps. Nobody counts the zeros.</param>
    public static Value InputMask(string name, Shape shape, RatioSchedule dropProbability) =>
        new(new InputMask(name, shape, dropProbability));

    /// <inheritdoc cref="Operators.TwoPass"/>
    public static Value TwoPass(Value forward, Value backward) => new(new TwoPass(), forward, backward);

    /// <inheritdoc cref="Operators.Masked"/>
    /// <remarks>
    /// Of a value with two views, each is masked: whoever differentiates through the result finds the backward one.
    /// </remarks>
    public static Value Masked(Value x, Value mask) => x.Operator is TwoPass
        ? TwoPass(Masked(x.Inputs[0], mask), Masked(x.Inputs[1], mask))
        : new(new Masked(), x, mask);

    /// <inheritdoc cref="Operators.Convolution"/>
    public static Value Convolution(Value h, Value weight, Value? bias, int stride, int padding)
    {
        if (stride < 1 || padding < 0)
            throw new DropoutLabException(
                $"a convolution's stride must be at least 1 and its padding at least 0, not {stride} and {padding}");
        Convolution convolution = new(stride, padding);
        return bias is null ? new(convolution, h, weight) : new(convolution, h, weight, bias);
    }

    /// <inheritdoc cref="Operators.LinearMap"/>
    public static Value LinearMap(Value h, Value weight, Value? bias) =>
        bias is null ? new(new LinearMap(), h, weight) : new(new LinearMap(), h, weight, bias);

    /// <summary>
    /// y[n, i, j, c] = the largest x within <paramref name="window"/>² pixels from (i, j) · <paramref name="stride"/> on, clipped
    /// at the border. x is [N, H, W, C]; y has ⌈(length − window)/stride⌉ + 1 pixels a side, rounded up as in Caffe, less one
    /// where the last window would begin outside. A window whose gradient is needed is at most 15.
    /// </summary>
    /// <exception cref="DropoutLabException">A window or a stride is below 1, or a window does not fit the image.</exception>
    public static Value MaxPool(Value x, int window, int stride) =>
        new(new MaxPool(new PoolWindows(window, stride).Within(x.Shape)), x);

    /// <summary>y[n, i, j, c] = the mean of x over the pixels that <see cref="MaxPool"/> takes the largest of.</summary>
    /// <exception cref="DropoutLabException">A window or a stride is below 1, or a window does not fit the image.</exception>
    public static Value AveragePool(Value x, int window, int stride) =>
        new(new AveragePool(new PoolWindows(window, stride).Within(x.Shape)), x);

    /// <summary>y[n, 0, 0, c] = the mean of x over the image. x is [N, H, W, C], y [N, 1, 1, C].</summary>
    public static Value GlobalAveragePool(Value x) => x.Shape.Rank == 4
        ? new(new AveragePool(PoolWindows.Whole(x.Shape)), x)
        : throw new DropoutLabException($"the mean over an image is taken of [N, H, W, C], not of {x.Shape}");

    /// <inheritdoc cref="Operators.Relu"/>
    public static Value Relu(Value x) => new(new Relu(), x);

    /// <inheritdoc cref="Operators.Gelu"/>
    public static Value Gelu(Value x) => new(new Gelu(), x);

    /// <inheritdoc cref="Operators.Tanh"/>
    public static Value Tanh(Value x) => new(new Tanh(), x);

    /// <inheritdoc cref="Operators.Add"/>
    public static Value Add(Value a, Value b) => new(new Add(), a, b);

    /// <summary>x itself, but what is sent back to it is told apart from what x's other readers send back.</summary>
    public static Value View(Value x) =>
        x.Operator is TwoPass ? TwoPass(View(x.Inputs[0]), View(x.Inputs[1])) : new(new Reshape(x.Shape), x);

    /// <summary>The same elements as [batch, features].</summary>
    public static Value Flatten(Value x) => Reshape(x, new Shape(x.Shape[0], x.Shape.CountPerDatum));

    /// <inheritdoc cref="Operators.Reshape"/>
    public static Value Reshape(Value x, Shape shape)
    {
        if (x.Shape == shape)
            return x;
        // Both views take the new shape, so that whoever differentiates through the result still finds the backward one.
        return x.Operator is TwoPass
            ? TwoPass(Reshape(x.Inputs[0], shape), Reshape(x.Inputs[1], shape))
            : new(new Reshape(shape), x);
    }

    /// <inheritdoc cref="Operators.Subsample"/>
    public static Value Subsample(Value x, int stride, int channels) => new(new Subsample(stride, channels), x);

    /// <inheritdoc cref="Operators.BatchMean"/>
    public static Value BatchMean(Value x) => new(new BatchMean(), x);

    /// <inheritdoc cref="Operators.BatchVariance"/>
    public static Value BatchVariance(Value x) => new(new BatchVariance(), x);

    /// <inheritdoc cref="Operators.ChannelNorm"/>
    public static Value ChannelNorm(Value x, Value mean, Value variance, Value scale, Value shift, double epsilon) =>
        new(new ChannelNorm(epsilon), x, mean, variance, scale, shift);

    /// <inheritdoc cref="Operators.LayerNorm"/>
    public static Value LayerNorm(Value x, Value scale, Value shift, double epsilon) =>
        new(new LayerNorm(epsilon), x, scale, shift);

    /// <inheritdoc cref="Operators.Embedding"/>
    public static Value Embedding(Value tokens, Value lengths, Value words, Value positions, Value types) =>
        new(new Embedding(), tokens, lengths, words, positions, types);

    /// <inheritdoc cref="Operators.AttentionProbabilities"/>
    public static Value AttentionProbabilities(Value q, Value k, Value lengths, int heads) =>
        new(new AttentionProbabilities(heads), q, k, lengths);

    /// <summary>
    /// What attention gives: cᵢ = Σⱼ P[i, j] vⱼ, head by head, of P [N, H, L, L] and v [N, L, W]. Result: [N, L, W].
    /// </summary>
    public static Value AttentionContext(Value probabilities, Value v) =>
        new(new AttentionContext(IsTransposed: false), probabilities, v);

    /// <inheritdoc cref="Operators.TokenPool"/>
    public static Value TokenPool(Value x, Value lengths, Pooling pooling) => new(new TokenPool(pooling), x, lengths);

    /// <inheritdoc cref="Operators.GatherTokens"/>
    public static Value GatherTokens(Value x, Value lengths, Value places) => new(new GatherTokens(), x, lengths, places);

    /// <inheritdoc cref="Operators.RunningAverage"/>
    public static Value RunningAverage(Value average, Value value, double momentum, double factor) =>
        new(new RunningAverage(momentum, factor), average, value);

    /// <inheritdoc cref="Operators.Scale"/>
    public static Value Scale(Value x, double factor) => new(new Scale(factor), x);

    /// <inheritdoc cref="Operators.SoftmaxCrossEntropy"/>
    /// <exception cref="DropoutLabException">The smoothing is not in [0, 1), or the shapes do not fit.</exception>
    public static Value SoftmaxCrossEntropy(Value logits, Value labels, double labelSmoothing = 0) =>
        labelSmoothing is >= 0 and < 1
        ? new(new SoftmaxCrossEntropy(labelSmoothing), logits, labels)
        : throw new DropoutLabException(
            $"the label smoothing must be in [0, 1), not {labelSmoothing}", SettingName.LabelSmoothing, labelSmoothing);

    /// <inheritdoc cref="Operators.SquaredError"/>
    public static Value MeanSquareError(Value predictions, Value targets) => new(new SquaredError(), predictions, targets);

    /// <inheritdoc cref="Operators.CorrectCount"/>
    public static Value CorrectCount(Value logits, Value labels) => new(new CorrectCount(), logits, labels);

    /// <inheritdoc cref="Operators.TokenCrossEntropy"/>
    public static Value TokenCrossEntropy(Value logits, Value tokens) => new(new TokenCrossEntropy(), logits, tokens);

    /// <inheritdoc cref="Operators.ContrastiveLoss"/>
    /// <exception cref="DropoutLabException">The temperature is not above 0, or a row is left over.</exception>
    public static Value ContrastiveLoss(Value pairs, double temperature) => temperature > 0 && double.IsFinite(temperature)
        ? new(new ContrastiveLoss(temperature), pairs)
        : throw new DropoutLabException($"the temperature must be a number above 0, not {temperature}");
}
