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
    private static readonly Dictionary<Type, RowOperator> Table = new(
    [
        Row<DrawMask>((rows, _, mask) => rows.Draw(mask)),
        Row<InputMask>((rows, _, mask) => rows.Given(mask)),
        Row<Masked>((rows, _, y) => rows.MaskedStage(y)),
        Row<Relu>((rows, _, y) => new ReluStage(rows.Read(y, 0), rows.Write(y), Length(y))),
        Row<ReluGradient>((rows, _, dx) => new ReluGradientStage(rows.Read(dx, 0), rows.Read(dx, 1), rows.Write(dx), Length(dx))),
        Row<Add>((rows, _, y) => new AddStage(rows.Read(y, 0), rows.Read(y, 1), rows.Write(y), Length(y))),
        Row<Scale>((rows, scale, y) => new ScaleStage(rows.Read(y, 0), rows.Write(y), Length(y), (float)scale.Factor)),
        Row<MaxPool>((rows, pool, y) =>
            new MaxPoolStage(rows.Read(y, 0), rows.Write(y), rows.Index(y), Geometry(pool.Windows, y.Inputs[0]))),
        Row<MaxPoolIndex>((rows, pool, index) => new MaxPoolStage(
            rows.Read(index, 0), rows.Scratch(index, Length(index) * sizeof(float)), rows.Write(index),
            Geometry(pool.Windows, index.Inputs[0]))),
        Row<MaxPoolGradient>((rows, pool, dx) =>
            new MaxPoolGradientStage(rows.Read(dx, 0), rows.Read(dx, 1), rows.Write(dx), Geometry(pool.Windows, dx))),
        Row<AveragePool>(
            (rows, pool, y) => new AveragePoolStage(rows.Read(y, 0), rows.Write(y), Geometry(pool.Windows, y.Inputs[0]))),
        Row<AveragePoolGradient>((rows, pool, dx) =>
            new AveragePoolGradientStage(rows.Read(dx, 0), rows.Write(dx), Geometry(pool.Windows, dx))),
        Row<Subsample>((rows, subsample, y) =>
            new SubsampleStage(rows.Read(y, 0), rows.Write(y), subsample, y.Inputs[0].Shape, y.Shape)),
        Row<SubsampleGradient>((rows, gradient, dx) =>
            new SubsampleGradientStage(rows.Read(dx, 0), rows.Write(dx), gradient.Forward, dx.Shape, dx.Inputs[0].Shape)),
        Sum<BatchMean>((rows, _, mean) => rows.MomentsStage(mean.Inputs[0], mean, rows.Partner<BatchVariance, BatchMean>(mean))),
        Sum<BatchVariance>((rows, _, variance) => rows.MomentsStage(variance.Inputs[0], null, variance)),
        Row<ChannelNorm>((rows, normalisation, y) => new ChannelNormStage(
            rows.Read(y, 0), rows.Shared(y, 1), rows.Shared(y, 2), rows.Shared(y, 3), rows.Shared(y, 4), rows.Write(y),
            normalisation.Epsilon, Length(y), Channels(y))),
        Sum<BatchNormScaleGradient>((rows, gradient, scale) => rows.ScaleGradientStage(scale, gradient.Forward)),
        Sum<BatchNormShiftGradient>((rows, _, shift) => rows.ChannelSum(shift)),
        Sum<BiasGradient>((rows, _, bias) => rows.ChannelSum(bias)),
        Row<BatchNormInputGradient>((rows, gradient, dx) => new BatchNormInputGradientStage(
            rows.Read(dx, 0), rows.Read(dx, 1), rows.Shared(dx, 2), rows.Shared(dx, 3), rows.Shared(dx, 4), rows.Shared(dx, 5),
            rows.Shared(dx, 6), rows.Write(dx), gradient.Forward.Epsilon, Length(dx), Channels(dx), dx.Shape[0],
            rows.Statistics)),
        Row<SoftmaxCrossEntropyGradient>((rows, gradient, dz) => new SoftmaxGradientStage(
            rows.Read(dz, 0), rows.Read(dz, 1), rows.Shared(dz, 2), rows.Write(dz), Length(dz), dz.Shape[0],
            gradient.Forward.LabelSmoothing)),
        Row<SquaredErrorGradient>((rows, _, dy) => new SquaredErrorGradientStage(
            rows.Read(dy, 0), rows.Read(dy, 1), rows.Shared(dy, 2), rows.Write(dy), Length(dy), dy.Shape[0])),
    ]);

    private readonly List<Value> gathered = [];
    private readonly HashSet<Value> drawn = [];
    private readonly Dictionary<Value, RowOperand> operands = [];
    private readonly List<RowStage> stages = [];

    /// <summary>
    /// What a value's operator has no row here for, or belongs to no datum, such as a sum of parameters, needs a kernel of its
    /// own.
    /// </summary>
    public static bool Takes(Value value) =>
        Table.TryGetValue(value.Operator.GetType(), out RowOperator? row) && (row.IsSum || value.Kind != ElementKind.Accumulator);

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
        if (IsMadeByAnother(value))
            return;
        if (value.Operator is Masked && maskedInputs.IsOnlyMadeAgain(value))
        {
            if (IsToBeDrawn(value.Inputs[1]))
                stages.Add(Draw(value.Inputs[1]));
            return;
        }

        if (Table[value.Operator.GetType()].Stage(this, value) is { } stage)
            stages.Add(stage);
        if (value.Kind == ElementKind.Activation)
            Keep(value);
    }

    /// <summary>
    /// A mask is drawn by its first product, in one pass; a product that is masked again is made with the other; an index is
    /// found together with its maximum, a variance with its mean, and the gradient of a normalisation's shift with that of its
    /// scale.
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

    /// <summary>
    /// The other sum of the same input that is made together with this one: of several, the first goes with the first.
    /// </summary>
    private Value? Partner<TOther, TOwn>(Value value) =>
        Beside<TOther>(value) is { } other && Beside<TOwn>(other) == value ? other : null;

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

    /// <summary>
    /// Whether a product is all that another is made of, and both masks are drawn by then: the other is made of both at once.
    /// </summary>
    private bool IsOnlyMaskedAgain(Value value) =>
        value.Operator is Masked && gathered.Contains(value) && !IsReadOutside(value)
        && readers.Of(value) is [{ Operator: Masked } reader]
        && !gathered.Contains(value.Inputs[1]) && !gathered.Contains(reader.Inputs[1]);

    private bool IsToBeDrawn(Value mask) => mask.Operator is DrawMask && drawn.Add(mask) && gathered.Contains(mask);

    private BatchMomentsStage MomentsStage(Value x, Value? mean, Value? variance) => new(
        Read(x), mean is null ? null : Shared(mean), variance is null ? null : Shared(variance), Pixels(x),
        Channels(x), x.Shape[0], builder.Team.ThreadCount, builder.Statistics);

    private ChannelSumStage ChannelSum(Value sum) => new(
        Read(sum, 0), Shared(sum), Pixels(sum.Inputs[0]), Channels(sum), builder.Team.ThreadCount);

    private BatchNormSumsStage ScaleGradientStage(Value value, ChannelNorm normalisation)
    {
        Value? shift = Partner<BatchNormShiftGradient, BatchNormScaleGradient>(value);
        return new(
            Read(value.Inputs[0]), Read(value.Inputs[1]), Shared(value.Inputs[2]), Shared(value.Inputs[3]), Shared(value),
            shift is null ? null : Shared(shift), normalisation.Epsilon, Pixels(value.Inputs[0]), Channels(value),
            builder.Team.ThreadCount);
    }

    /// <summary>
    /// Nothing is to be done for a mask that is given. It is gathered where a drawn one would be, so that products are made in
    /// the same groups and give the same bits.
    /// </summary>
    private RowStage? Given(Value mask)
    {
        builder.BufferOf(mask);
        return null;
    }

    private DrawStage Draw(Value mask) => new(Write(mask), (DrawMask)mask.Operator, builder.State);

    private SharedStatistics? Statistics => builder.Statistics;

    private RowOperand Read(Value value, int input) => Read(value.Inputs[input]);

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
        readers.IsKept(value) || maskedInputs.AreMadeAgainWith(value)
        || readers.Of(value).Any(reader => !gathered.Contains(reader));

    private RowOperand? Index(Value pool) =>
        Pools(pool.Inputs[0], ((MaxPool)pool.Operator).Windows).FirstOrDefault(pair => pair.Pool == pool).Index is { } index
        ? Write(index)
        : null;

    private Value? Pool(Value index) =>
        Pools(index.Inputs[0], ((MaxPoolIndex)index.Operator).Windows).FirstOrDefault(pair => pair.Index == index).Pool;

    /// <summary>The maxima of the same windows and their places: of several, the first with the first.</summary>
    private IEnumerable<(Value Pool, Value Index)> Pools(Value x, PoolWindows windows)
    {
        Value[] alike =
            [.. gathered.Where(value => value.Operator is MaxPool or MaxPoolIndex && GraphReaders.ReadAlike(value.Inputs[0], x))];
        return alike.Where(value => value.Operator is MaxPool pool && pool.Windows == windows)
            .Zip(alike.Where(value => value.Operator is MaxPoolIndex index && index.Windows == windows));
    }

    private RowOperand InBuffer(Value value) => RowOperand.OfBatch(builder.BufferOf(value), RowBytes(value));

    private RowOperand Scratch(Value value, long bytes) => RowOperand.Scratch($"{value}, a row", bytes, builder.Team.ThreadCount);

    private long RowBytes(Value value) => ElementAccess.ByteSize(value.Kind, value.Shape, builder.Precision) / value.Shape[0];

    /// <summary>What all rows read, or their sum: a number a channel.</summary>
    private RowOperand Shared(Value value, int input) => Shared(value.Inputs[input]);

    private RowOperand Shared(Value value) => RowOperand.OfBatch(builder.BufferOf(value), rowBytes: 0);

    private static bool IsSum(Value value) => Table.GetValueOrDefault(value.Operator.GetType())?.IsSum == true;

    private static int Batch(Value value) => IsSum(value) ? value.Inputs[0].Shape[0] : value.Shape[0];

    private static int Length(Value value) => value.Shape.CountPerDatum;

    private static int Channels(Value value) => value.Shape[value.Shape.Rank - 1];

    private static int Pixels(Value value) => value.Shape.CountPerDatum / Channels(value);

    private static PoolGeometry Geometry(PoolWindows windows, Value image) => new(windows, image.Shape);

    private static KeyValuePair<Type, RowOperator> Row<TOperator>(
        Func<RowGroupBuilder, TOperator, Value, RowStage?> stage, bool isSum = false)
        where TOperator : Operator =>
        new(typeof(TOperator), new RowOperator(isSum, (rows, value) => stage(rows, (TOperator)value.Operator, value)));

    /// <summary>A sum over the batch: no row of its own, and there only when all rows are done.</summary>
    private static KeyValuePair<Type, RowOperator> Sum<TOperator>(Func<RowGroupBuilder, TOperator, Value, RowStage?> stage)
        where TOperator : Operator => Row(stage, isSum: true);

    private sealed record RowOperator(bool IsSum, Func<RowGroupBuilder, Value, RowStage?> Stage);
}
