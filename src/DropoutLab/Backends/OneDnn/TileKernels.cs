using DropoutLab.Backends.OneDnn.Native;
using DropoutLab.Backends.OneDnn.Rows;
using DropoutLab.Backends.OneDnn.Winograd;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using Sizes = DropoutLab.Graph.Operators.ConvolutionGeometry;

namespace DropoutLab.Backends.OneDnn;

/// <summary>Convolutions by transformed tiles, in floats.</summary>
internal sealed class TileKernels(PlanBuilder builder, LayerBuffers buffers, MaskedInputs maskedInputs)
{
    private int ThreadCount => builder.Team.ThreadCount;

    public void Forward(in Sizes sizes, Value layer, Value result)
    {
        PlanBuffer input = buffers.Read(layer.Inputs[0], ElementType.Float32),
            output = buffers.Write(result, ElementType.Float32);
        PlanBuffer? bias = layer.Inputs.Count == 3 ? builder.BufferOf(layer.Inputs[2]) : null;
        Add(sizes, WinogradTiles.Convolution(ThreadCount, sizes, input, buffers.Master(layer.Inputs[1]), bias, output,
            fuseRelu: result != layer));
        buffers.Wrote(result, ElementType.Float32);
    }

    public void InputGradient(in Sizes sizes, Value gradient)
    {
        PlanBuffer signal = buffers.Read(gradient.Inputs[0], ElementType.Float32),
            result = buffers.Write(gradient, ElementType.Float32);
        Add(sizes, WinogradTiles.InputGradient(ThreadCount, sizes, signal, buffers.Master(gradient.Inputs[1]), result));
        buffers.Wrote(gradient, ElementType.Float32);
    }

    public void WeightGradient(in Sizes sizes, Value gradient, Value? biasGradient)
    {
        PlanBuffer input = MaskedAgain(gradient) ?? buffers.Read(gradient.Inputs[0], ElementType.Float32);
        PlanBuffer signal = buffers.Read(gradient.Inputs[1], ElementType.Float32);
        PlanBuffer? bias = biasGradient is null ? null : builder.BufferOf(biasGradient);
        Add(sizes, WinogradTiles.WeightGradient(ThreadCount, sizes, input, signal, builder.BufferOf(gradient), bias));
    }

    /// <summary>The gradient's input, made again; null where it is read as it is.</summary>
    private PlanBuffer? MaskedAgain(Value gradient)
    {
        IReadOnlyList<Value> products = maskedInputs.MadeAgainBy(gradient);
        if (products.Count == 0)
            return null;
        Shape shape = products[0].Shape;
        long rowBytes = shape.CountPerDatum * (long)sizeof(float);
        PlanBuffer kept = builder.BufferOf(GraphReaders.Source(products[0].Inputs[0]));
        PlanBuffer again = new(shape.Count * (long)sizeof(float), $"{products[^1]}, again");
        MaskedStage stage = new(
            RowOperand.OfBatch(kept, rowBytes), [.. products.Select(product => Mask(product.Inputs[1]))],
            RowOperand.OfBatch(again, rowBytes), shape.CountPerDatum, builder.State);
        builder.Kernels.Add(new DatumKernel(builder.Team, shape[0], [new RowGroup([stage])]));
        return again;
    }

    private (RowOperand, RatioSchedule) Mask(Value mask) => (
        RowOperand.OfBatch(builder.BufferOf(mask), MaskKernels.WordsPerRow(mask.Shape.CountPerDatum) * sizeof(ulong)),
        ((MaskOperator)mask.Operator).DropProbability);

    private void Add(in Sizes sizes, DatumWork work) => builder.Kernels.Add(new DatumKernel(builder.Team, sizes.Batch, [work]));
}
