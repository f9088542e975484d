using DropoutLab.Backends.OneDnn.Rows;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends.OneDnn;

/// <summary>
/// Gathers operators that treat each datum by itself until another kind of operator comes, and makes one kernel of them. Values
/// that nobody outside the group reads get scratch instead of a buffer; stages compute in floats, and what a bfloat16 plan keeps
/// is converted on the way in and out.
/// </summary>
internal sealed class RowGroupBuilder(PlanBuilder builder, GraphReaders readers)
{
    private readonly List<Value> gathered = [];
    private readonly HashSet<Value> drawn = [];
    private readonly Dictionary<Value, RowOperand> operands = [];
    private readonly List<RowStage> stages = [];

    public static bool Takes(Value value) => value.Operator
        is DrawMask or Masked or Relu or ReluGradient or Add or MaxPool or MaxPoolIndex or MaxPoolGradient
        or AveragePool or AveragePoolGradient or SoftmaxCrossEntropyGradient;

    public void Gather(Value value) => gathered.Add(value);

    /// <summary>Makes the kernel of what was gathered, if anything was.</summary>
    public void Flush()
    {
        if (gathered.Count == 0)
            return;
        foreach (Value value in gathered)
            Lower(value);
        if (stages.Count > 0)
            builder.Kernels.Add(new RowGroupKernel(builder.Team, gathered[0].Shape[0], [.. stages]));
        gathered.Clear();
        operands.Clear();
        stages.Clear();
    }

    private void Lower(Value value)
    {
        // A mask is drawn by its first product, in one pass; an index is found together with its maximum.
        if (value.Operator is DrawMask or MaxPoolIndex && IsMadeByAnother(value))
            return;
        RowStage stage = Stage(value);
        stages.Add(stage);
        if (value.Kind == ElementKind.Activation)
            Keep(value);
    }

    private bool IsMadeByAnother(Value value) => value.Operator is DrawMask
        ? readers.Of(value).Any(gathered.Contains)
        : Pool(value) is not null;

    private RowStage Stage(Value value)
    {
        int length = value.Shape.CountPerDatum;
        return value.Operator switch
        {
            DrawMask => new DrawStage(Write(value), Mask(value)),
            Masked => MaskedStage(value),
            Relu => new ReluStage(Read(value.Inputs[0]), Write(value), length),
            ReluGradient => new ReluGradientStage(Read(value.Inputs[0]), Read(value.Inputs[1]), Write(value), length),
            Add => new AddStage(Read(value.Inputs[0]), Read(value.Inputs[1]), Write(value), length),
            MaxPool pool => new MaxPoolStage(Read(value.Inputs[0]), Write(value), Index(value), Geometry(pool.Windows, value.Inputs[0])),
            MaxPoolIndex pool => new MaxPoolStage(
                Read(value.Inputs[0]), Scratch(value, length * sizeof(float)), Write(value), Geometry(pool.Windows, value.Inputs[0])),
            MaxPoolGradient pool =>
                new MaxPoolGradientStage(Read(value.Inputs[0]), Read(value.Inputs[1]), Write(value), Geometry(pool.Windows, value)),
            AveragePool pool => new AveragePoolStage(Read(value.Inputs[0]), Write(value), Geometry(pool.Windows, value.Inputs[0])),
            AveragePoolGradient pool => new AveragePoolGradientStage(Read(value.Inputs[0]), Write(value), Geometry(pool.Windows, value)),
            SoftmaxCrossEntropyGradient =>
                new SoftmaxGradientStage(Read(value.Inputs[0]), Read(value.Inputs[1]), Write(value), length, value.Shape[0]),
            _ => throw new NotSupportedException($"the onednn backend has no kernel for {value}"),
        };
    }

    private RowStage MaskedStage(Value value)
    {
        Value mask = value.Inputs[1];
        RowOperand x = Read(value.Inputs[0]);
        return drawn.Add(mask) && gathered.Contains(mask)
            ? new DrawMaskedStage(x, Write(mask), Write(value), Mask(mask))
            : new MaskedStage(x, Read(mask), Write(value), Mask(mask));
    }

    private StepMask Mask(Value mask) => new((DrawMask)mask.Operator, builder.State);

    private RowOperand Read(Value value)
    {
        value = GraphReaders.Source(value);
        if (operands.TryGetValue(value, out RowOperand? known))
            return known;
        RowOperand kept = InBuffer(value);
        if (value.Kind != ElementKind.Activation || builder.Precision != Precision.BFloat16)
        {
            operands.Add(value, kept);
            return kept;
        }

        int length = value.Shape.CountPerDatum;
        RowOperand wide = Scratch(value, length * sizeof(float));
        stages.Add(new WidenStage(kept, wide, length));
        operands.Add(value, wide);
        return wide;
    }

    private RowOperand Write(Value value)
    {
        bool isWide = value.Kind == ElementKind.Activation && builder.Precision == Precision.BFloat16;
        RowOperand operand = isWide || !IsReadOutside(value)
            ? Scratch(value, isWide ? value.Shape.CountPerDatum * sizeof(float) : RowBytes(value))
            : InBuffer(value);
        operands.Add(value, operand);
        return operand;
    }

    private void Keep(Value value)
    {
        if (builder.Precision == Precision.BFloat16 && IsReadOutside(value))
            stages.Add(new NarrowStage(operands[value], InBuffer(value), value.Shape.CountPerDatum));
    }

    private bool IsReadOutside(Value value) => readers.IsKept(value) || readers.Of(value).Any(reader => !gathered.Contains(reader));

    private Value? IndexOf(Value pool) => readers.Of(pool.Inputs[0]).Find(reader =>
        reader.Operator is MaxPoolIndex index && index.Windows == ((MaxPool)pool.Operator).Windows && gathered.Contains(reader));

    private RowOperand? Index(Value pool) => IndexOf(pool) is Value index ? Write(index) : null;

    private Value? Pool(Value index) => readers.Of(index.Inputs[0]).Find(reader =>
        reader.Operator is MaxPool && gathered.Contains(reader) && IndexOf(reader) == index);

    private RowOperand InBuffer(Value value) => RowOperand.OfBatch(builder.BufferOf(value), RowBytes(value));

    private RowOperand Scratch(Value value, long bytes) => RowOperand.Scratch($"{value}, a row", bytes, builder.Team.ThreadCount);

    private long RowBytes(Value value) => ElementAccess.ByteSize(value.Kind, value.Shape, builder.Precision) / value.Shape[0];

    private static PoolGeometry Geometry(PoolWindows windows, Value image) => new(windows, image.Shape);
}
