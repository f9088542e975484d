using DropoutLab.Backends.OneDnn.Native;
using DropoutLab.Backends.OneDnn.Rows;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using Sizes = DropoutLab.Graph.Operators.ConvolutionGeometry;

namespace DropoutLab.Backends.OneDnn;

/// <summary>
/// Convolutions and linear layers by oneDNN's primitives, in the plan's type or, where there is none for it, in floats.
/// </summary>
internal sealed class PrimitiveLayers(OneDnnLibrary library, PlanBuilder builder, LayerBuffers buffers) : IDisposable
{
    /// <summary>Channels of the widest block that oneDNN's kernels take: 8 with AVX2, 16 with AVX-512.</summary>
    private const int WidestBlock = 16;

    private readonly List<(Value Weight, ElementType Type, MemoryDescriptor Layout, PlanBuffer Buffer)> computeForms = [];

    public void Forward(in Sizes sizes, Value layer, Value result)
    {
        bool hasBias = layer.Inputs.Count == 3, fuseRelu = result != layer;
        WeightPrimitives primitives = new(library, sizes, layer.Operator is Convolution);
        using PrimitiveDescriptor descriptor = Create(type => primitives.Forward(type, hasBias, fuseRelu), out ElementType type);
        Dictionary<Argument, PlanBuffer> arguments = new()
        {
            [Argument.Source] = buffers.Read(layer.Inputs[0], type),
            [Argument.Weights] = ComputeForm(layer.Inputs[1], descriptor, type, primitives.WeightShape),
            [Argument.Destination] = buffers.Write(result, type),
        };
        if (hasBias)
            arguments.Add(Argument.Bias, builder.BufferOf(layer.Inputs[2]));
        Add(descriptor, arguments, $"{layer}");
        buffers.Wrote(result, type);
    }

    public void InputGradient(in Sizes sizes, Value gradient)
    {
        WeightPrimitives primitives = new(library, sizes, gradient.Operator is ConvolutionInputGradient);
        using PrimitiveDescriptor descriptor = Create(primitives.InputGradient, out ElementType type);
        Dictionary<Argument, PlanBuffer> arguments = new()
        {
            [Argument.DestinationGradient] = buffers.Read(gradient.Inputs[0], type),
            [Argument.Weights] = ComputeForm(gradient.Inputs[1], descriptor, type, primitives.WeightShape),
            [Argument.SourceGradient] = buffers.Write(gradient, type),
        };
        Add(descriptor, arguments, $"{gradient}");
        buffers.Wrote(gradient, type);
    }

    /// <remarks>
    /// Of a 1×1 kernel that skips pixels, oneDNN gathers the pixels that are met itself, and in NHWC writes beside its memory
    /// where channels do not fill its blocks (https://github.com/uxlfoundation/oneDNN/issues/6035): there they are gathered
    /// before.
    /// </remarks>
    public void WeightGradient(in Sizes sizes, Value gradient, Value? biasGradient)
    {
        bool gathers = sizes is { Taps: 1, Stride: > 1, Padding: 0 } && sizes.Inputs % WidestBlock != 0;
        Sizes computedSizes = gathers ? sizes with { Height = sizes.OutputHeight, Width = sizes.OutputWidth, Stride = 1 } : sizes;
        WeightPrimitives primitives = new(library, computedSizes, gradient.Operator is ConvolutionWeightGradient);
        using PrimitiveDescriptor descriptor = Create(
            type => gathers && type != ElementType.Float32 ? null : primitives.WeightGradient(type, biasGradient is not null),
            out ElementType type);
        using MemoryDescriptor chosen = descriptor.Describe(Argument.WeightsGradient)!;
        using MemoryDescriptor canonical = MemoryDescriptor.Dense(library, ElementType.Float32, primitives.WeightShape);
        PlanBuffer target = builder.BufferOf(gradient);
        PlanBuffer computed = chosen.Equals(canonical) ? target : new PlanBuffer(chosen.ByteSize, $"{gradient}, oneDNN's layout");
        Dictionary<Argument, PlanBuffer> arguments = new()
        {
            [Argument.Source] = gathers ? Gathered(sizes.Stride, gradient.Inputs[0]) : buffers.Read(gradient.Inputs[0], type),
            [Argument.DestinationGradient] = buffers.Read(gradient.Inputs[1], type),
            [Argument.WeightsGradient] = computed,
        };
        if (biasGradient is not null)
            arguments.Add(Argument.BiasGradient, builder.BufferOf(biasGradient));
        Add(descriptor, arguments, $"{gradient}");
        if (computed != target)
            Reorder(chosen, computed, canonical, target);
    }

    public void Dispose()
    {
        foreach ((_, _, MemoryDescriptor layout, _) in computeForms)
            layout.Dispose();
    }

    /// <summary>Every s-th pixel of every s-th row, as floats.</summary>
    private PlanBuffer Gathered(int stride, Value images)
    {
        Shape shape = images.Shape;
        Subsample subsample = new(stride, shape[3]);
        Shape kept = subsample.OutputShape(shape);
        PlanBuffer result = new(kept.Count * (long)sizeof(float), $"{images}, one pixel of {stride}");
        SubsampleStage stage = new(
            RowOperand.OfBatch(buffers.Read(images, ElementType.Float32), shape.CountPerDatum * (long)sizeof(float)),
            RowOperand.OfBatch(result, kept.CountPerDatum * (long)sizeof(float)), subsample, shape, kept);
        builder.Kernels.Add(new DatumKernel(builder.Team, shape[0], [new RowGroup([stage])]));
        return result;
    }

    private PrimitiveDescriptor Create(Func<ElementType, PrimitiveDescriptor?> create, out ElementType type)
    {
        type = buffers.PlanType;
        if (create(type) is PrimitiveDescriptor native)
            return native;
        type = ElementType.Float32;
        return create(type) ?? throw new NotSupportedException("oneDNN has no 32-bit primitive for a weight layer");
    }

    /// <summary>A weight in the layout that a primitive wants, reordered from the master copy once a step.</summary>
    private PlanBuffer ComputeForm(Value weight, PrimitiveDescriptor descriptor, ElementType type, long[] shape)
    {
        MemoryDescriptor wanted = descriptor.Describe(Argument.Weights)!;
        foreach ((Value known, ElementType knownType, MemoryDescriptor layout, PlanBuffer made) in computeForms)
        {
            if (known == weight && knownType == type && layout.Equals(wanted))
            {
                wanted.Dispose();
                return made;
            }
        }

        using MemoryDescriptor canonical = MemoryDescriptor.Dense(library, ElementType.Float32, shape);
        PlanBuffer master = type == buffers.PlanType ? builder.BufferOf(weight) : buffers.Master(weight);
        PlanBuffer buffer = master;
        if (!canonical.Equals(wanted))
        {
            buffer = new PlanBuffer(wanted.ByteSize, $"{weight}, oneDNN's layout");
            Reorder(canonical, master, wanted, buffer);
        }

        computeForms.Add((weight, type, wanted, buffer));
        return buffer;
    }

    private void Reorder(MemoryDescriptor from, PlanBuffer source, MemoryDescriptor to, PlanBuffer destination)
    {
        using PrimitiveDescriptor descriptor = ReorderPrimitive.TryCreate(library, from, to)
            ?? throw new NotSupportedException("oneDNN cannot reorder a weight");
        Add(descriptor, new() { [Argument.Source] = source, [Argument.Destination] = destination }, "Reorder");
    }

    private void Add(PrimitiveDescriptor descriptor, Dictionary<Argument, PlanBuffer> arguments, string what) =>
        builder.Kernels.Add(new PrimitiveKernel(descriptor, arguments, what));
}
