using DropoutLab.Backends.OneDnn.Native;
using DropoutLab.Backends.OneDnn.Rows;
using DropoutLab.Backends.OneDnn.Winograd;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using Sizes = DropoutLab.Graph.Operators.ConvolutionGeometry;

namespace DropoutLab.Backends.OneDnn;

/// <summary>
/// Adds the kernels of convolutions and linear layers to a plan. Where the processor multiplies no bfloat16, the same numbers are
/// multiplied as floats: what goes in has been rounded to bfloat16, and what comes out will be.
/// </summary>
internal sealed class WeightKernels(OneDnnLibrary library, PlanBuilder builder, MaskedInputs maskedInputs, FloatBuffers floats) : IDisposable
{
    private readonly List<(Value Weight, ElementType Type, MemoryDescriptor Layout, PlanBuffer Buffer)> computeForms = [];
    private readonly Dictionary<Value, PlanBuffer> rounded = [];

    private ElementType PlanType => builder.Precision == Precision.BFloat16 ? ElementType.BFloat16 : ElementType.Float32;

    /// <summary>z = W h + b, and max(z, 0) where <paramref name="result"/> is a ReLU of it.</summary>
    public void Forward(Value layer, Value result)
    {
        Sizes sizes = SizesOf(layer.Operator, layer.Inputs[0].Shape, layer.Inputs[1].Shape);
        bool hasBias = layer.Inputs.Count == 3, fuseRelu = result != layer;
        PlanBuffer? bias = hasBias ? builder.BufferOf(layer.Inputs[2]) : null;
        if (MultipliesFloats && WinogradTiles.Fits(sizes))
        {
            PlanBuffer input = Read(layer.Inputs[0], ElementType.Float32), output = Write(result, ElementType.Float32);
            AddByDatum(sizes, WinogradTiles.Convolution(builder.Team.ThreadCount, sizes, input, Master(layer.Inputs[1]), bias, output, fuseRelu));
            Wrote(result, ElementType.Float32);
            return;
        }

        WeightPrimitives primitives = new(library, sizes, layer.Operator is Convolution);
        using PrimitiveDescriptor descriptor = Create(type => primitives.Forward(type, hasBias, fuseRelu), out ElementType type);
        Dictionary<Argument, PlanBuffer> arguments = new()
        {
            [Argument.Source] = Read(layer.Inputs[0], type),
            [Argument.Weights] = ComputeForm(layer.Inputs[1], descriptor, type, primitives.WeightShape),
            [Argument.Destination] = Write(result, type),
        };
        if (bias is not null)
            arguments.Add(Argument.Bias, bias);
        Add(descriptor, arguments, $"{layer}");
        Wrote(result, type);
    }

    public void InputGradient(Value gradient)
    {
        Operator forward = gradient.Operator is ConvolutionInputGradient convolution ? convolution.Forward : new Linear();
        Sizes sizes = SizesOf(forward, gradient.Shape, gradient.Inputs[1].Shape);
        if (MultipliesFloats && WinogradTiles.Fits(sizes))
        {
            PlanBuffer signal = Read(gradient.Inputs[0], ElementType.Float32), result = Write(gradient, ElementType.Float32);
            AddByDatum(sizes, WinogradTiles.InputGradient(builder.Team.ThreadCount, sizes, signal, Master(gradient.Inputs[1]), result));
            Wrote(gradient, ElementType.Float32);
            return;
        }

        WeightPrimitives primitives = new(library, sizes, forward is Convolution);
        using PrimitiveDescriptor descriptor = Create(primitives.InputGradient, out ElementType type);
        Dictionary<Argument, PlanBuffer> arguments = new()
        {
            [Argument.DestinationGradient] = Read(gradient.Inputs[0], type),
            [Argument.Weights] = ComputeForm(gradient.Inputs[1], descriptor, type, primitives.WeightShape),
            [Argument.SourceGradient] = Write(gradient, type),
        };
        Add(descriptor, arguments, $"{gradient}");
        Wrote(gradient, type);
    }

    /// <summary>∂J/∂W, and with it ∂J/∂b where there is one.</summary>
    public void WeightGradient(Value gradient, Value? biasGradient)
    {
        Operator forward = gradient.Operator is ConvolutionWeightGradient convolution ? convolution.Forward : new Linear();
        Sizes sizes = SizesOf(forward, gradient.Inputs[0].Shape, gradient.Shape);
        if (MultipliesFloats && WinogradTiles.FitsWeightGradient(sizes))
        {
            PlanBuffer input = MaskedAgain(gradient) ?? Read(gradient.Inputs[0], ElementType.Float32);
            PlanBuffer signal = Read(gradient.Inputs[1], ElementType.Float32);
            AddByDatum(sizes, WinogradTiles.WeightGradient(
                builder.Team.ThreadCount, sizes, input, signal, builder.BufferOf(gradient),
                biasGradient is null ? null : builder.BufferOf(biasGradient)));
            return;
        }

        WeightPrimitives primitives = new(library, sizes, forward is Convolution);
        using PrimitiveDescriptor descriptor =
            Create(type => primitives.WeightGradient(type, biasGradient is not null), out ElementType type);
        using MemoryDescriptor chosen = descriptor.Describe(Argument.WeightsGradient)!;
        using MemoryDescriptor canonical = MemoryDescriptor.Dense(library, ElementType.Float32, primitives.WeightShape);
        PlanBuffer target = builder.BufferOf(gradient);
        PlanBuffer computed = chosen.Equals(canonical) ? target : new PlanBuffer(chosen.ByteSize, $"{gradient}, oneDNN's layout");
        Dictionary<Argument, PlanBuffer> arguments = new()
        {
            [Argument.Source] = Read(gradient.Inputs[0], type),
            [Argument.DestinationGradient] = Read(gradient.Inputs[1], type),
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
            RowOperand.OfBatch(kept, rowBytes), [.. products.Select(product => Drawn(product.Inputs[1]))], RowOperand.OfBatch(again, rowBytes));
        builder.Kernels.Add(new DatumKernel(builder.Team, shape[0], [new RowGroup([stage])]));
        return again;
    }

    private DrawnMask Drawn(Value mask) => new(
        RowOperand.OfBatch(builder.BufferOf(mask), MaskKernels.WordsPerRow(mask.Shape.CountPerDatum) * sizeof(ulong)),
        new StepMask((DrawMask)mask.Operator, builder.State));

    /// <summary>Whether products are made of floats: in 32-bit plans, and where the processor multiplies no bfloat16.</summary>
    private bool MultipliesFloats => PlanType == ElementType.Float32 || !library.HasNativeBFloat16;

    private static Sizes SizesOf(Operator forward, Shape input, Shape weight) =>
        forward is Convolution convolution ? Sizes.Of(convolution, input, weight) : Sizes.OfLinear(input, weight);

    private PrimitiveDescriptor Create(Func<ElementType, PrimitiveDescriptor?> create, out ElementType type)
    {
        type = PlanType;
        if (create(type) is PrimitiveDescriptor native)
            return native;
        type = ElementType.Float32;
        return create(type) ?? throw new NotSupportedException("oneDNN has no 32-bit primitive for a weight layer");
    }

    private PlanBuffer Read(Value value, ElementType type) => type == PlanType ? builder.BufferOf(value) : floats.Of(value);

    private PlanBuffer Write(Value value, ElementType type) => type == PlanType ? builder.BufferOf(value) : floats.ToWrite(value);

    private void Wrote(Value value, ElementType type)
    {
        if (type != PlanType)
            floats.Round(value);
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
        PlanBuffer master = type == PlanType ? builder.BufferOf(weight) : Master(weight);
        PlanBuffer buffer = master;
        if (!canonical.Equals(wanted))
        {
            buffer = new PlanBuffer(wanted.ByteSize, $"{weight}, oneDNN's layout");
            Reorder(canonical, master, wanted, buffer);
        }

        computeForms.Add((weight, type, wanted, buffer));
        return buffer;
    }

    /// <summary>The floats that are multiplied: the master copy, in a bfloat16 plan rounded to what bfloat16 holds.</summary>
    private PlanBuffer Master(Value weight)
    {
        if (PlanType == ElementType.Float32)
            return builder.BufferOf(weight);
        if (rounded.TryGetValue(weight, out PlanBuffer? known))
            return known;
        PlanBuffer buffer = new(weight.Shape.Count * sizeof(float), $"{weight}, rounded");
        builder.Kernels.Add(new RoundingKernel(builder.BufferOf(weight), buffer, weight.Shape.Count));
        rounded.Add(weight, buffer);
        return buffer;
    }

    private void Reorder(MemoryDescriptor from, PlanBuffer source, MemoryDescriptor to, PlanBuffer destination)
    {
        using PrimitiveDescriptor descriptor = ReorderPrimitive.TryCreate(library, from, to)
            ?? throw new NotSupportedException("oneDNN cannot reorder a weight");
        Add(descriptor, new() { [Argument.Source] = source, [Argument.Destination] = destination }, "Reorder");
    }

    private void AddByDatum(in Sizes sizes, DatumWork work) => builder.Kernels.Add(new DatumKernel(builder.Team, sizes.Batch, [work]));

    private void Add(PrimitiveDescriptor descriptor, Dictionary<Argument, PlanBuffer> arguments, string what) =>
        builder.Kernels.Add(new PrimitiveKernel(descriptor, arguments, what));
}
