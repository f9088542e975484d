using System.Numerics;
using DropoutLab.Backends.Threading;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends.Reference;

/// <summary>One kernel an operator.</summary>
internal sealed partial class ReferenceLowering<T>(PlanBuilder builder, ThreadTeam team)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public void Lower(IReadOnlyList<Value> order)
    {
        foreach (Value value in order)
        {
            builder.BufferOf(value);
            if (Kernel(value) is Kernel kernel)
                builder.Kernels.Add(kernel);
        }
    }

    private Kernel? Kernel(Value value) => value.Operator switch
    {
        Input or InputMask or ParameterSource or TwoPass or Reshape => null,
        Constant constant => new ConstantKernel(builder.BufferOf(value), constant.Number, builder.Precision),
        DrawMask draw => DrawKernel(value, draw),
        Masked => MaskedKernel(value),
        Relu => ElementwiseKernel(value, x => T.Max(x, T.Zero)),
        ReluGradient => ElementwiseKernel(value, (dy, r) => r > T.Zero ? dy : T.Zero),
        Gelu => ElementwiseKernel(value, x => x * NormalDistribution(x)),
        GeluGradient => ElementwiseKernel(value, (dy, x) => dy * (NormalDistribution(x) + x * NormalDensity(x))),
        Tanh => ElementwiseKernel(value, T.Tanh),
        TanhGradient => ElementwiseKernel(value, (dy, x) => dy * (T.One - T.Tanh(x) * T.Tanh(x))),
        Add => ElementwiseKernel(value, (a, b) => a + b),
        Scale scale => ScaleKernel(value, T.CreateChecked(scale.Factor)),
        MaxPool pool => MaxPoolKernel(value, pool.Windows),
        MaxPoolIndex pool => MaxPoolIndexKernel(value, pool.Windows),
        MaxPoolGradient pool => MaxPoolGradientKernel(value, pool.Windows),
        AveragePool pool => AveragePoolKernel(value, pool.Windows),
        AveragePoolGradient pool => AveragePoolGradientKernel(value, pool.Windows),
        Convolution convolution =>
            ForwardKernel(value, ConvolutionGeometry.Of(convolution, value.Inputs[0].Shape, value.Inputs[1].Shape)),
        LinearMap => ForwardKernel(value, ConvolutionGeometry.OfLinear(value.Inputs[0].Shape, value.Inputs[1].Shape)),
        ConvolutionInputGradient gradient =>
            InputGradientKernel(value, ConvolutionGeometry.Of(gradient.Forward, value.Shape, value.Inputs[1].Shape)),
        LinearInputGradient => InputGradientKernel(value, ConvolutionGeometry.OfLinear(value.Shape, value.Inputs[1].Shape)),
        ConvolutionWeightGradient gradient =>
            WeightGradientKernel(value, ConvolutionGeometry.Of(gradient.Forward, value.Inputs[0].Shape, value.Shape)),
        LinearWeightGradient => WeightGradientKernel(value, ConvolutionGeometry.OfLinear(value.Inputs[0].Shape, value.Shape)),
        BiasGradient => BiasGradientKernel(value),
        BatchMean => BatchMeanKernel(value),
        BatchVariance => BatchVarianceKernel(value),
        ChannelNorm normalisation => ChannelNormKernel(value, normalisation),
        BatchNormShiftGradient => BatchNormShiftGradientKernel(value),
        BatchNormScaleGradient gradient => BatchNormScaleGradientKernel(value, gradient.Forward),
        BatchNormInputGradient gradient => BatchNormInputGradientKernel(value, gradient.Forward),
        RunningAverage average => RunningAverageKernel(value, average),
        LayerNorm norm => LayerNormKernel(value, norm),
        LayerNormInputGradient gradient => LayerNormInputGradientKernel(value, gradient.Forward),
        LayerNormScaleGradient gradient => LayerNormScaleGradientKernel(value, gradient.Forward),
        Embedding => EmbeddingKernel(value),
        EmbeddingGradient gradient => EmbeddingGradientKernel(value, gradient.Row),
        AttentionProbabilities => AttentionProbabilitiesKernel(value),
        AttentionScoresGradient gradient => AttentionScoresGradientKernel(value, gradient.Channels),
        AttentionContext context => AttentionContextKernel(value, context.IsTransposed),
        AttentionProducts => AttentionProductsKernel(value),
        TokenPool pool => TokenPoolKernel(value, pool.Pooling),
        TokenPoolGradient gradient => TokenPoolGradientKernel(value, gradient.Pooling),
        GatherTokens => GatherTokensKernel(value),
        GatherTokensGradient => GatherTokensGradientKernel(value),
        TokenCrossEntropy => TokenCrossEntropyKernel(value),
        TokenCrossEntropyGradient => TokenCrossEntropyGradientKernel(value),
        ContrastiveLoss loss => ContrastiveLossKernel(value, loss.Temperature),
        ContrastiveLossGradient gradient => ContrastiveLossGradientKernel(value, gradient.Forward.Temperature),
        Subsample subsample => SubsampleKernel(value, subsample),
        SubsampleGradient gradient => SubsampleGradientKernel(value, gradient.Forward),
        SoftmaxCrossEntropy loss => SoftmaxCrossEntropyKernel(value, loss),
        SoftmaxCrossEntropyGradient gradient => SoftmaxCrossEntropyGradientKernel(value, gradient.Forward),
        SquaredError => SquaredErrorKernel(value),
        SquaredErrorGradient => SquaredErrorGradientKernel(value),
        CorrectCount => CorrectCountKernel(value),
        _ => throw new NotSupportedException($"the reference backend has no kernel for {value}"),
    };

    /// <summary>A kernel that is called once a datum, for a value and its inputs.</summary>
    private LoopKernel ForEachDatum(Value value, Action<int> body) => Loop(value, value.Shape[0], body);

    private LoopKernel Loop(Value value, int count, Action<int> body, Action? before = null, Action? after = null) =>
        new(value.ToString(), team, count, Buffers(value), body, before, after);

    private List<PlanBuffer> Buffers(Value value) => [builder.BufferOf(value), .. value.Inputs.Select(builder.BufferOf)];

    private Rows<T> Rows(Value value) => new(builder.BufferOf(value), value.Shape.CountPerDatum);

    private Whole<T> Whole(Value value) => new(builder.BufferOf(value), value.Shape.Count);
}

/// <summary>A buffer as a row a datum.</summary>
internal readonly unsafe struct Rows<T>(PlanBuffer buffer, int length)
    where T : unmanaged
{
    public Span<T> this[int datum] => new((T*)buffer.Address + (long)datum * length, length);
}

/// <summary>A buffer as one stretch of elements.</summary>
internal readonly unsafe struct Whole<T>(PlanBuffer buffer, int length)
    where T : unmanaged
{
    public Span<T> Span => new((T*)buffer.Address, length);
}
