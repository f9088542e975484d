using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DropoutLab.Backends.OneDnn.Sentences;

/// <summary>
/// Products of a sentence's tokens within a head: small matrices, gathered into scratch whose rows are whole vectors, so that no
/// loop has a remainder.
/// </summary>
/// <param name="name">What it does.</param>
/// <param name="heads">The sentences and their heads.</param>
/// <param name="buffers">What it touches.</param>
internal abstract unsafe class AttentionWork(string name, AttentionLayout heads, params PlanBuffer[] buffers)
    : SentenceWork(name, heads.Rows, buffers)
{
    private readonly int channels = heads.Channels, most = heads.Rows.Most;

    protected int Channels => channels;

    public override void Run(int share, int begin, int end)
    {
        for (int n = begin; n < end; n++)
        {
            for (int h = 0; h < heads.Count; h++)
                Head(heads.Place(n, h, share));
        }
    }

    /// <summary>Does a head of a sentence.</summary>
    protected abstract void Head(in HeadPlace place);

    /// <summary>The head's channels of a token.</summary>
    protected Span<float> Token(PlanBuffer buffer, in HeadPlace place, int token) =>
        new(At(buffer, place.FirstRow + token, heads.Count * channels) + place.Head * channels, channels);

    /// <summary>A row of the head's products, which are padded.</summary>
    protected Span<float> Products(PlanBuffer buffer, in HeadPlace place, int token) =>
        new(At(buffer, (place.Sentence * heads.Count + place.Head) * most + token, most), place.Tokens);

    /// <summary>a bᵀ of two tokens' channels, into the result's scratch.</summary>
    protected ReadOnlySpan<float> TokenProducts(PlanBuffer a, PlanBuffer b, in HeadPlace place)
    {
        int depth = SmallProducts.Padded(channels), side = SmallProducts.Padded(place.Tokens);
        Gather(a, place, place.Left, depth);
        for (int token = 0; token < place.Tokens; token++)
        {
            Span<float> from = Token(b, place, token);
            for (int c = 0; c < from.Length; c++)
                place.Right[c * side + token] = from[c];
        }

        SmallProducts.Multiply(place.Left, depth, 1, place.Right, side, place.Result, side, place.Tokens, channels);
        return place.Result;
    }

    /// <summary>The head's channels of all tokens of the sentence.</summary>
    protected void Gather(PlanBuffer buffer, in HeadPlace place, float[] to, int stride)
    {
        for (int token = 0; token < place.Tokens; token++)
            Token(buffer, place, token).CopyTo(to.AsSpan(token * stride));
    }
}

/// <summary>A head of a sentence, and the thread's scratch.</summary>
internal readonly record struct HeadPlace(
    int Sentence, int Head, int FirstRow, int Tokens, float[] Left, float[] Right, float[] Result);

/// <summary>The heads of a batch of sentences, and what threads work in, which the works of a plan share.</summary>
/// <param name="rows">The sentences' rows.</param>
/// <param name="count">H.</param>
/// <param name="channels">d, those of a head.</param>
/// <param name="threads">Those of the team.</param>
internal sealed class AttentionLayout(SentenceRows rows, int count, int channels, int threads)
{
    private readonly float[][] left = Matrices(rows.Most, channels, threads), right = Matrices(rows.Most, channels, threads);
    private readonly float[][] result = Matrices(rows.Most, channels, threads);

    public SentenceRows Rows => rows;

    public int Count => count;

    public int Channels => channels;

    public HeadPlace Place(int sentence, int head, int share) =>
        new(sentence, head, rows.First(sentence), rows.Count(sentence), left[share], right[share], result[share]);

    private static float[][] Matrices(int most, int channels, int threads)
    {
        int side = SmallProducts.Padded(most);
        return Scratch.Rows(threads, side * Math.Max(side, SmallProducts.Padded(channels)));
    }
}

/// <summary>P = softmax(q kᵀ/√d) over a sentence's own tokens.</summary>
internal sealed class AttentionProbabilitiesWork(AttentionLayout heads, PlanBuffer q, PlanBuffer k, PlanBuffer p)
    : AttentionWork("AttentionProbabilities", heads, q, k, p)
{
    protected override void Head(in HeadPlace place)
    {
        ReadOnlySpan<float> scores = TokenProducts(q, k, place);
        int side = SmallProducts.Padded(place.Tokens);
        float scale = 1 / MathF.Sqrt(Channels);
        for (int i = 0; i < place.Tokens; i++)
        {
            Span<float> own = Products(p, place, i);
            ReadOnlySpan<float> from = scores.Slice(i * side, place.Tokens);
            TensorPrimitives.Subtract(from, TensorPrimitives.Max(from), own);
            TensorPrimitives.Multiply(own, scale, own);
            TensorPrimitives.Exp(own, own);
            TensorPrimitives.Multiply(own, 1 / TensorPrimitives.Sum<float>(own), own);
        }
    }
}

/// <summary>∂J/∂S = P ⊙ (∂J/∂P − Σ ∂J/∂P ⊙ P)/√d.</summary>
internal sealed class AttentionScoresGradientWork(AttentionLayout heads, PlanBuffer dp, PlanBuffer p, PlanBuffer ds)
    : AttentionWork("AttentionScoresGradient", heads, dp, p, ds)
{
    protected override void Head(in HeadPlace place)
    {
        float scale = 1 / MathF.Sqrt(Channels);
        for (int i = 0; i < place.Tokens; i++)
        {
            ReadOnlySpan<float> signal = Products(dp, place, i), probabilities = Products(p, place, i);
            Span<float> to = Products(ds, place, i);
            TensorPrimitives.Subtract(signal, TensorPrimitives.Dot(signal, probabilities), to);
            TensorPrimitives.Multiply(to, scale, to);
            TensorPrimitives.Multiply(to, probabilities, to);
        }
    }
}

/// <summary>c = P v, or Pᵀ v.</summary>
internal sealed class AttentionContextWork(AttentionLayout heads, PlanBuffer p, PlanBuffer v, PlanBuffer c, bool isTransposed)
    : AttentionWork("AttentionContext", heads, p, v, c)
{
    protected override void Head(in HeadPlace place)
    {
        int depth = SmallProducts.Padded(Channels), side = SmallProducts.Padded(place.Tokens);
        for (int i = 0; i < place.Tokens; i++)
            Products(p, place, i).CopyTo(place.Left.AsSpan(i * side));
        Gather(v, place, place.Right, depth);
        (int row, int column) = isTransposed ? (1, side) : (side, 1);
        SmallProducts.Multiply(place.Left, row, column, place.Right, depth, place.Result, depth, place.Tokens, place.Tokens);
        for (int i = 0; i < place.Tokens; i++)
            place.Result.AsSpan(i * depth, Channels).CopyTo(Token(c, place, i));
    }
}

/// <summary>a bᵀ.</summary>
internal sealed class AttentionProductsWork(AttentionLayout heads, PlanBuffer a, PlanBuffer b, PlanBuffer products)
    : AttentionWork("AttentionProducts", heads, a, b, products)
{
    protected override void Head(in HeadPlace place)
    {
        ReadOnlySpan<float> all = TokenProducts(a, b, place);
        for (int i = 0; i < place.Tokens; i++)
            all.Slice(i * SmallProducts.Padded(place.Tokens), place.Tokens).CopyTo(Products(products, place, i));
    }
}

/// <summary>Products of small matrices in scratch, four rows and two vectors of columns at a time.</summary>
internal static class SmallProducts
{
    private const int RowsAtOnce = 4;

    private static int ColumnsAtOnce => 2 * Vector<float>.Count;

    /// <summary>The length of rows, and the number of rows, that scratch for so many has.</summary>
    public static int Padded(int count) => (count + ColumnsAtOnce - 1) / ColumnsAtOnce * ColumnsAtOnce;

    /// <summary>C = A B, of which rows beyond those asked for, up to a multiple of four, are nothing.</summary>
    /// <param name="a">A, element (i, k) at i · <paramref name="aRow"/> + k · <paramref name="aColumn"/>.</param>
    /// <param name="aRow">From a row to the next.</param>
    /// <param name="aColumn">From a column to the next.</param>
    /// <param name="b">B, rows of <paramref name="columns"/> elements.</param>
    /// <param name="columns">Those of B and C, padded.</param>
    /// <param name="c">C.</param>
    /// <param name="cRow">From a row of C to the next.</param>
    /// <param name="rows">Those of A and C.</param>
    /// <param name="depth">The columns of A and rows of B.</param>
    public static void Multiply(
        float[] a, int aRow, int aColumn, float[] b, int columns, float[] c, int cRow, int rows, int depth)
    {
        ref float left = ref MemoryMarshal.GetArrayDataReference(a);
        ref float right = ref MemoryMarshal.GetArrayDataReference(b);
        ref float result = ref MemoryMarshal.GetArrayDataReference(c);
        for (int i = 0; i < rows; i += RowsAtOnce)
        {
            for (int j = 0; j < columns; j += ColumnsAtOnce)
            {
                Tile(
                    ref Unsafe.Add(ref left, i * aRow), aRow, aColumn,
                    ref Unsafe.Add(ref right, j), columns,
                    ref Unsafe.Add(ref result, i * cRow + j), cRow, depth);
            }
        }
    }

    private static void Tile(ref float a, int aRow, int aColumn, ref float b, int bRow, ref float c, int cRow, int depth)
    {
        nuint second = (nuint)Vector<float>.Count;
        Vector<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default,
            c31 = default;
        for (int k = 0; k < depth; k++)
        {
            Vector<float> b0 = Vector.LoadUnsafe(ref b, (nuint)(k * bRow)),
                b1 = Vector.LoadUnsafe(ref b, (nuint)(k * bRow) + second);
            ref float column = ref Unsafe.Add(ref a, k * aColumn);
            Vector<float> factor = new(column);
            (c00, c01) = (Vector.FusedMultiplyAdd(factor, b0, c00), Vector.FusedMultiplyAdd(factor, b1, c01));
            factor = new(Unsafe.Add(ref column, aRow));
            (c10, c11) = (Vector.FusedMultiplyAdd(factor, b0, c10), Vector.FusedMultiplyAdd(factor, b1, c11));
            factor = new(Unsafe.Add(ref column, 2 * aRow));
            (c20, c21) = (Vector.FusedMultiplyAdd(factor, b0, c20), Vector.FusedMultiplyAdd(factor, b1, c21));
            factor = new(Unsafe.Add(ref column, 3 * aRow));
            (c30, c31) = (Vector.FusedMultiplyAdd(factor, b0, c30), Vector.FusedMultiplyAdd(factor, b1, c31));
        }

        Store(c00, c01, ref c);
        Store(c10, c11, ref Unsafe.Add(ref c, cRow));
        Store(c20, c21, ref Unsafe.Add(ref c, 2 * cRow));
        Store(c30, c31, ref Unsafe.Add(ref c, 3 * cRow));
    }

    private static void Store(Vector<float> first, Vector<float> second, ref float to)
    {
        first.StoreUnsafe(ref to);
        second.StoreUnsafe(ref to, (nuint)Vector<float>.Count);
    }
}
