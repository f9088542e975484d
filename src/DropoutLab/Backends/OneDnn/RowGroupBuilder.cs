using DropoutLab.Backends.OneDnn.Rows;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends.OneDnn;

/// <summary>
/// Gathers operators that treat each datum by itself until another kind of operator comes, and makes one kernel of them. Values
/// that nobody outside the group reads get scratch instead of a buffer; stages compute in floats, and what a bfloat16 plan keeps
/// is converted on the way in and out.
/// </summary>
internal sealed class RowGroupBuilder(PlanBuilder builder, GraphReaders readers, MaskedInputs maskedInputs)
{
    private readonly List<Value> gathered = [];
    private readonly HashSet<Value> drawn = [];
    private readonly Dictionary<Value, RowOperand> operands = [];
    private readonly List<RowStage> stages = [];

    public static bool Takes(Value value) => value.Operator
        is MaskOperator or Masked or Relu or ReluGradient or MaxPool or MaxPoolIndex or MaxPoolGradient
        or AveragePool or AveragePoolGradient or Subsample or SubsampleGradient or SoftmaxCrossEntropyGradient
        or BatchNorm or BatchNormInputGradient
        || (value.Operator is Add && value.Kind == ElementKind.Activation) // parameters have no rows of data
        || IsSum(value);

    public void Gather(Value value)
    {
        if (value.Inputs.Any(input => IsSum(input) && gathered.Contains(input)))
            Flush(); // a sum over the batch is there when all rows are done
        if (gathered is [var first, ..] && Batch(first) != Batch(value))
            Flush();
        gathered.Add(value);
    }

    /// <summary>Makes the kernel of what was gathered, if anything was.</summary>
    public void Flush()
    {
        if (gathered.Count == 0)
            return;
        foreach (Value value in gathered)
            Lower(value);
        if (stages.Count > 0)
            builder.Kernels.Add(new DatumKernel(builder.Team, Batch(gathered[0]), [new RowGroup(stages)]));
        gathered.Clear();
        operands.Clear();
        stages.Clear();
    }

    private void Lower(Value value)
    {
        if (value.Operator is InputMask)
        {
            // It is gathered where a drawn one would be, so that products are made in the same groups and give the same bits.
            builder.BufferOf(value);
            return;
        }

        if (IsMadeByAnother(value))
            return;
        if (value.Operator is Masked && maskedInputs.IsOnlyMadeAgain(value))
        {
            if (IsToBeDrawn(value.Inputs[1]))
                stages.Add(Draw(value.Inputs[1]));
            return;
        }

        RowStage stage = Stage(value);
        stages.Add(stage);
        if (value.Kind == ElementKind.Activation)
            Keep(value);
    }

    /// <summary>
    /// A mask is drawn by its first product, in one pass; a product that is masked again is made with the other; an index is found together
    /// with its maximum, a variance with its mean, and the gradient of a normalisation's shift with that of its scale.
    /// </summary>
    private bool IsMadeByAnother(Value value) => value.Operator switch
    {
        DrawMask => readers.Of(value).Any(gathered.Contains),
        Masked => IsOnlyMaskedAgain(value),
        MaxPoolIndex => Pool(value) is not null,
        BatchVariance => Partner<BatchMean, BatchVariance>(value) is not null,
        BatchNormShiftGradient => Partner<BatchNormScaleGradient, BatchNormShiftGradient>(value) is not null,
        _ => false,
    };

    private Value? Beside<TOperator>(Value value) =>
        gathered.Find(other => other.Operator is TOperator && GraphReaders.ReadAlike(other.Inputs[0], value.Inputs[0]));

    /// <summary>The other sum of the same input that is made together with this one: of several, the first goes with the first.</summary>
    private Value? Partner<TOther, TOwn>(Value value) => Beside<TOther>(value) is { } other && Beside<TOwn>(other) == value ? other : null;

    private RowStage Stage(Value value)
    {
        int length = value.Shape.CountPerDatum;
        return value.Operator switch
        {
            DrawMask => Draw(value),
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
            Subsample subsample => new SubsampleStage(Read(value.Inputs[0]), Write(value), subsample, value.Inputs[0].Shape, value.Shape),
            SubsampleGradient gradient =>
                new SubsampleGradientStage(Read(value.Inputs[0]), Write(value), gradient.Forward, value.Shape, value.Inputs[0].Shape),
            BatchMean => MomentsStage(value.Inputs[0], value, Partner<BatchVariance, BatchMean>(value)),
            BatchVariance => MomentsStage(value.Inputs[0], null, value),
            BatchNorm normalisation => new BatchNormStage(
                Read(value.Inputs[0]), Shared(value.Inputs[1]), Shared(value.Inputs[2]), Shared(value.Inputs[3]), Shared(value.Inputs[4]),
                Write(value), normalisation.Epsilon, length, Channels(value)),
            BatchNormScaleGradient gradient => ScaleGradientStage(value, gradient.Forward),
            BatchNormShiftGradient or BiasGradient => new ChannelSumStage(
                Read(value.Inputs[0]), Shared(value), Pixels(value.Inputs[0]), Channels(value), builder.Team.ThreadCount),
            BatchNormInputGradient gradient => new BatchNormInputGradientStage(
                Read(value.Inputs[0]), Read(value.Inputs[1]), Shared(value.Inputs[2]), Shared(value.Inputs[3]), Shared(value.Inputs[4]),
                Shared(value.Inputs[5]), Shared(value.Inputs[6]), Write(value), gradient.Forward.Epsilon, length, Channels(value), value.Shape[0]),
            SoftmaxCrossEntropyGradient =>
                new SoftmaxGradientStage(Read(value.Inputs[0]), Read(value.Inputs[1]), Write(value), length, value.Shape[0]),
            _ => throw new NotSupportedException($"the onednn backend has no kernel for {value}"),
        };
    }

    private RowStage MaskedStage(Value value)
    {
        Value mask = value.Inputs[1];
        if (IsToBeDrawn(mask))
            return new DrawMaskedStage(Read(value.Inputs[0]), Write(mask), Write(value), (DrawMask)mask.Operator, builder.State);
        List<(RowOperand, RatioSchedule)> masks = [];
        Value x = value;
        do
        {
            masks.Add((Read(x.Inputs[1]), ((MaskOperator)x.Inputs[1].Operator).DropProbability));
            x = GraphReaders.Source(x.Inputs[0]);
        }
        while (IsOnlyMaskedAgain(x));
        return new MaskedStage(Read(x), masks, Write(value), value.Shape.CountPerDatum, builder.State);
    }

    /// <summary>Whether a product is all that another is made of, and both masks are drawn by then: the other is made of both at once.</summary>
    private bool IsOnlyMaskedAgain(Value value) =>
        value.Operator is Masked && gathered.Contains(value) && !IsReadOutside(value) && readers.Of(value) is [{ Operator: Masked } reader]
        && !gathered.Contains(value.Inputs[1]) && !gathered.Contains(reader.Inputs[1]);

    private bool IsToBeDrawn(Value mask) => mask.Operator is DrawMask && drawn.Add(mask) && gathered.Contains(mask);

    private BatchMomentsStage MomentsStage(Value x, Value? mean, Value? variance) => new(
        Read(x), mean is null ? null : Shared(mean), variance is null ? null : Shared(variance), Pixels(x), Channels(x), x.Shape[0],
        builder.Team.ThreadCount);

    private BatchNormSumsStage ScaleGradientStage(Value value, BatchNorm normalisation)
    {
        Value? shift = Partner<BatchNormShiftGradient, BatchNormScaleGradient>(value);
        return new(
            Read(value.Inputs[0]), Read(value.Inputs[1]), Shared(value.Inputs[2]), Shared(value.Inputs[3]), Shared(value),
            shift is null ? null : Shared(shift), normalisation.Epsilon, Pixels(value.Inputs[0]), Channels(value), builder.Team.ThreadCount);
    }

    private DrawStage Draw(Value mask) => new(Write(mask), (DrawMask)mask.Operator, builder.State);

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

    private bool IsReadOutside(Value value) =>
        readers.IsKept(value) || maskedInputs.AreMadeAgainWith(value) || readers.Of(value).Any(reader => !gathered.Contains(reader));

    private RowOperand? Index(Value pool) =>
        Pools(pool.Inputs[0], ((MaxPool)pool.Operator).Windows).FirstOrDefault(pair => pair.Pool == pool).Index is { } index ? Write(index) : null;

    private Value? Pool(Value index) =>
        Pools(index.Inputs[0], ((MaxPoolIndex)index.Operator).Windows).FirstOrDefault(pair => pair.Index == index).Pool;

    /// <summary>The maxima of the same windows and their places: of several, the first with the first.</summary>
    private IEnumerable<(Value Pool, Value Index)> Pools(Value x, PoolWindows windows)
    {
        Value[] alike = [.. gathered.Where(value => value.Operator is MaxPool or MaxPoolIndex && GraphReaders.ReadAlike(value.Inputs[0], x))];
        return alike.Where(value => value.Operator is MaxPool pool && pool.Windows == windows)
            .Zip(alike.Where(value => value.Operator is MaxPoolIndex index && index.Windows == windows));
    }

    private RowOperand InBuffer(Value value) => RowOperand.OfBatch(builder.BufferOf(value), RowBytes(value));

    private RowOperand Scratch(Value value, long bytes) => RowOperand.Scratch($"{value}, a row", bytes, builder.Team.ThreadCount);

    private long RowBytes(Value value) => ElementAccess.ByteSize(value.Kind, value.Shape, builder.Precision) / value.Shape[0];

    /// <summary>What all rows read, or their sum: a number a channel.</summary>
    private RowOperand Shared(Value value) => RowOperand.OfBatch(builder.BufferOf(value), rowBytes: 0);

    private static bool IsSum(Value value) =>
        value.Operator is BatchMean or BatchVariance or BatchNormScaleGradient or BatchNormShiftGradient or BiasGradient;

    private static int Batch(Value value) => IsSum(value) ? value.Inputs[0].Shape[0] : value.Shape[0];

    private static int Channels(Value value) => value.Shape[value.Shape.Rank - 1];

    private static int Pixels(Value value) => value.Shape.CountPerDatum / Channels(value);

    private static PoolGeometry Geometry(PoolWindows windows, Value image) => new(windows, image.Shape);
}
