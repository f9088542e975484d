using DropoutLab.Backends.OneDnn.Native;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends.OneDnn.Sentences;

/// <summary>
/// Kernels for sentences, [N, L, W] in the graph: in memory the tokens of all sentences lie one behind another without padding,
/// so that products see one dense matrix of as many rows as there are tokens, and what treats a sentence by itself its own rows.
/// </summary>
internal sealed class SentenceLowering
{
    private static readonly Dictionary<Type, Action<SentenceLowering, Value>> Table = new(
    [
        Row<Embedding>((s, _, y) => s.Append(new EmbeddingWork(
            s.RowsOf(y), s.Read(y, 0), s.Read(y, 2), s.Read(y, 3), s.Read(y, 4), s.Write(y), Width(y), y.Inputs[2].Shape[0]))),
        Row<EmbeddingGradient>((s, gradient, table) => s.Append(new EmbeddingGradientKernel(
            s.builder.Team, s.RowsOf(table.Inputs[2]), s.Read(table, 0), s.Read(table, 2), s.Write(table), gradient.Row,
            gradient.Table[0], gradient.Table[1]))),
        Row<LinearMap>((s, _, z) => s.Forward(z)),
        Row<LinearInputGradient>((s, _, dh) => s.Product(
            LinearProduct.InputGradient, dh, dh.Inputs[0], dh.Inputs[1], Width(dh), Width(dh.Inputs[0]))),
        Row<LinearWeightGradient>((s, _, dw) => s.Product(
            LinearProduct.WeightGradient, dw, dw.Inputs[1], dw.Inputs[0], dw.Shape[1], dw.Shape[0])),
        Row<BiasGradient>((s, _, sum) => s.Append(new BiasGradientWork(
            s.RowsOf(sum.Inputs[0]), s.Read(sum, 0), s.Write(sum), Width(sum), s.Threads))),
        Row<LayerNorm>((s, norm, y) => s.Append(new LayerNormWork(
            s.RowsOf(y), s.Read(y, 0), s.Read(y, 1), s.Read(y, 2), s.Write(y), Width(y), (float)norm.Epsilon))),
        Row<LayerNormInputGradient>((s, gradient, dx) => s.Append(new LayerNormInputGradientWork(
            s.RowsOf(dx), s.Read(dx, 0), s.Read(dx, 1), s.Read(dx, 2), s.Write(dx), Width(dx), (float)gradient.Forward.Epsilon,
            s.Threads))),
        Row<LayerNormScaleGradient>((s, gradient, sum) => s.Append(new LayerNormScaleGradientWork(
            s.RowsOf(sum.Inputs[0]), s.Read(sum, 0), s.Read(sum, 1), s.Write(sum), Width(sum), (float)gradient.Forward.Epsilon,
            s.Threads))),
        Row<Gelu>((s, _, y) => s.Elementwise(y, Activations.Gelu)),
        Row<GeluGradient>((s, _, dx) => s.Elementwise(dx, Activations.GeluGradient)),
        Row<Tanh>((s, _, y) => s.Elementwise(y, Activations.Tanh)),
        Row<TanhGradient>((s, _, dx) => s.Elementwise(dx, Activations.TanhGradient)),
        Row<Add>((s, _, y) => s.Elementwise(y, System.Numerics.Tensors.TensorPrimitives.Add)),
        Row<Scale>((s, scale, y) => s.Elementwise(
            y, (x, _, to) => System.Numerics.Tensors.TensorPrimitives.Multiply(x, (float)scale.Factor, to))),
        Row<DrawMask>((s, _, mask) => s.builder.BufferOf(mask)), // by the first product that reads it
        Row<InputMask>((s, _, mask) => s.builder.BufferOf(mask)),
        Row<Masked>((s, _, y) => s.Append(new MaskedWork(
            s.RowsOf(y), s.Read(y, 0), s.Read(y, 1), s.Write(y), (MaskOperator)y.Inputs[1].Operator, y.Shape,
            y.Inputs[1].Operator is DrawMask && s.drawn.Add(y.Inputs[1]), s.builder.State))),
        Row<AttentionProbabilities>((s, _, p) =>
            s.Append(new AttentionProbabilitiesWork(s.Heads(p, p.Inputs[0]), s.Read(p, 0), s.Read(p, 1), s.Write(p)))),
        Row<AttentionScoresGradient>((s, gradient, ds) => s.Append(new AttentionScoresGradientWork(
            s.Heads(ds, gradient.Channels), s.Read(ds, 0), s.Read(ds, 1), s.Write(ds)))),
        Row<AttentionContext>((s, context, c) => s.Append(new AttentionContextWork(
            s.Heads(c.Inputs[0], c), s.Read(c, 0), s.Read(c, 1), s.Write(c), context.IsTransposed))),
        Row<AttentionProducts>((s, _, products) => s.Append(new AttentionProductsWork(
            s.Heads(products, products.Inputs[0]), s.Read(products, 0), s.Read(products, 1), s.Write(products)))),
        Row<TokenPool>((s, pool, y) => s.Append(new TokenPoolWork(
            s.RowsOf(y.Inputs[0]), s.Read(y, 0), s.Write(y), Width(y), pool.Pooling))),
        Row<TokenPoolGradient>((s, gradient, dx) => s.Append(new TokenPoolGradientWork(
            s.RowsOf(dx), s.Read(dx, 0), s.Write(dx), Width(dx), gradient.Pooling))),
        Row<GatherTokens>((s, _, y) => s.Append(new GatherTokensWork(
            s.RowsOf(y.Inputs[0]), s.Read(y, 0), s.Read(y, 2), s.Write(y), Width(y), y.Shape[1], isGradient: false))),
        Row<GatherTokensGradient>((s, _, dx) => s.Append(new GatherTokensWork(
            s.RowsOf(dx), s.Write(dx), s.Read(dx, 2), s.Read(dx, 0), Width(dx), dx.Inputs[0].Shape[1], isGradient: true))),
        Row<TokenCrossEntropy>((s, _, loss) => s.TokenLoss(loss, signal: null)),
        Row<TokenCrossEntropyGradient>((s, _, dz) => s.TokenLoss(dz, s.Read(dz, 2))),
        Row<ContrastiveLoss>((s, loss, j) => s.PairLoss(j, loss, signal: null)),
        Row<ContrastiveLossGradient>((s, gradient, d) => s.PairLoss(d, gradient.Forward, s.Read(d, 1))),
    ]);

    private readonly OneDnnLibrary library;
    private readonly PlanBuilder builder;
    private readonly GraphReaders readers;
    private readonly Dictionary<Value, SentenceRows> lengths = [], ragged = [];
    private readonly Dictionary<Value, PlanBuffer> unpadded = [];
    private readonly Dictionary<(SentenceRows, int, int), AttentionLayout> heads = [];
    private readonly HashSet<Value> drawn = [];

    public SentenceLowering(OneDnnLibrary library, PlanBuilder builder, GraphReaders readers, IReadOnlyList<Value> order)
    {
        (this.library, this.builder, this.readers) = (library, builder, readers);
        foreach (Value value in order)
        {
            if (LayoutOf(value) is { } rows)
                ragged.TryAdd(GraphReaders.Source(value), rows);
        }

        if (ragged.Count > 0 && builder.Precision != Precision.Float32)
            throw new DropoutLabException(
                $"sentences are computed in {Precision.Float32.ShortName()} here, not in {builder.Precision.ShortName()}");
        foreach ((Value length, SentenceRows rows) in lengths)
            builder.Kernels.Add(new SentenceLengthsKernel(builder.BufferOf(length), rows));
    }

    /// <summary>Whether a value belongs to sentences, or is of an operator that only they have.</summary>
    public bool Takes(Value value) => value.Operator switch
    {
        LinearMap or LinearInputGradient or LinearWeightGradient => value.Inputs[0].Shape.Rank == 3,
        DrawMask or InputMask => readers.Of(value).Any(IsRagged),
        Add or Scale or Masked or BiasGradient => value.Inputs.Any(IsRagged),
        _ => Table.ContainsKey(value.Operator.GetType()),
    };

    public void Lower(Value value)
    {
        Table[value.Operator.GetType()](this, value);
        if (unpadded.TryGetValue(value, out PlanBuffer? packed))
            Append(new PaddingWork(RowsOf(value), packed, builder.BufferOf(value), Width(value)));
    }

    private int Threads => builder.Team.ThreadCount;

    /// <summary>The sentences that a value has a row a token of; null where it has none.</summary>
    private SentenceRows? LayoutOf(Value value) => value.Operator switch
    {
        Embedding or EmbeddingGradient or TokenPoolGradient or GatherTokensGradient => OfLengths(value, value.Inputs[1]),
        AttentionProbabilities => OfLengths(value, value.Inputs[2]),
        GatherTokens => null,
        _ when value.Kind == ElementKind.Activation && value.Shape.Rank >= 3 =>
            value.Inputs.Select(input => ragged.GetValueOrDefault(GraphReaders.Source(input)))
                .FirstOrDefault(rows => rows is not null),
        _ => null,
    };

    private SentenceRows? OfLengths(Value value, Value length)
    {
        if (value.Operator is EmbeddingGradient)
            return null; // a row a row of the table
        if (!lengths.TryGetValue(length, out SentenceRows? rows))
            lengths.Add(length, rows = new SentenceRows(value.Shape[0],
                value.Operator is AttentionProbabilities ? value.Shape[2] : value.Shape[1]));
        return rows;
    }

    private bool IsRagged(Value value) => ragged.ContainsKey(GraphReaders.Source(value));

    /// <summary>Of dense data, every row is in use.</summary>
    private SentenceRows RowsOf(Value value) => ragged.TryGetValue(GraphReaders.Source(value), out SentenceRows? rows)
        ? rows
        : new SentenceRows(value.Shape[0], value.Shape.CountPerDatum / Width(value));

    private AttentionLayout Heads(Value products, Value tokens) => Heads(products, Width(tokens) / products.Shape[1]);

    private AttentionLayout Heads(Value products, int channels)
    {
        (SentenceRows, int, int) key = (RowsOf(products), products.Shape[1], channels);
        if (!heads.TryGetValue(key, out AttentionLayout? layout))
            heads.Add(key, layout = new AttentionLayout(key.Item1, key.Item2, channels, Threads));
        return layout;
    }

    private PlanBuffer Read(Value value, int input)
    {
        Value source = GraphReaders.Source(value.Inputs[input]);
        return unpadded.GetValueOrDefault(source) ?? builder.BufferOf(source);
    }

    /// <summary>What a caller reads is padded; others read what is written before.</summary>
    private PlanBuffer Write(Value value)
    {
        if (!readers.IsKept(value) || !IsRagged(value) || value.Shape.Rank != 3)
            return builder.BufferOf(value);
        PlanBuffer packed = new(ElementAccess.ByteSize(value.Kind, value.Shape, builder.Precision), $"{value}, without padding");
        unpadded.Add(value, packed);
        return packed;
    }

    private void Forward(Value z)
    {
        Product(LinearProduct.Forward, z, z.Inputs[0], z.Inputs[1], Width(z.Inputs[0]), Width(z));
        if (z.Inputs.Count == 3)
            Append(new BiasWork(RowsOf(z), unpadded.GetValueOrDefault(z) ?? builder.BufferOf(z), Read(z, 2), Width(z)));
    }

    private void Product(LinearProduct kind, Value result, Value left, Value right, int inputs, int outputs)
    {
        SentenceRows rows = RowsOf(left);
        builder.Kernels.Add(new LinearKernel(
            library, rows, kind, Read(left), Read(right), Write(result), inputs, outputs));
    }

    private PlanBuffer Read(Value value) => unpadded.GetValueOrDefault(GraphReaders.Source(value)) ?? builder.BufferOf(value);

    private void Elementwise(Value y, ElementwiseWork.Function function) => Append(new ElementwiseWork(
        y.Operator.GetType().Name, RowsOf(y), Read(y, 0), y.Inputs.Count > 1 ? Read(y, 1) : null, Write(y), Width(y), function));

    private void TokenLoss(Value value, PlanBuffer? signal)
    {
        Value logits = value.Inputs[0];
        Append(new TokenCrossEntropyKernel(
            builder.Team, Read(value, 0), Read(value, 1), signal, Write(value), logits.Shape.Count / Width(logits),
            Width(logits)));
    }

    private void PairLoss(Value value, ContrastiveLoss loss, PlanBuffer? signal)
    {
        Shape pairs = value.Inputs[0].Shape;
        Append(new ContrastiveLossKernel(Read(value, 0), signal, Write(value), pairs[0] / 2, pairs[1], (float)loss.Temperature));
    }

    private void Append(SentenceWork work) => Append(new DatumKernel(builder.Team, work.Batch, [work]));

    private void Append(Kernel kernel) => builder.Kernels.Add(kernel);

    private static int Width(Value value) => value.Shape.Axes[^1];

    private static KeyValuePair<Type, Action<SentenceLowering, Value>> Row<TOperator>(
        Action<SentenceLowering, TOperator, Value> lower)
        where TOperator : Operator =>
            new(typeof(TOperator), (sentences, value) => lower(sentences, (TOperator)value.Operator, value));
}
