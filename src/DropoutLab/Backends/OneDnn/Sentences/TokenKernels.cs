using System.Numerics.Tensors;
using DropoutLab.Backends.OneDnn.Native;
using DropoutLab.Backends.Threading;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends.OneDnn.Sentences;

/// <summary>y = words[token] + positions[l] + types[0].</summary>
internal sealed unsafe class EmbeddingWork(
    SentenceRows rows, PlanBuffer tokens, PlanBuffer words, PlanBuffer positions, PlanBuffer types, PlanBuffer y, int width,
    int vocabulary)
    : SentenceWork("Embedding", rows, tokens, words, positions, types, y)
{
    public override void Run(int share, int begin, int end)
    {
        ReadOnlySpan<float> type = Row(types, 0, width);
        for (int n = begin; n < end; n++)
        {
            for (int l = 0; l < Layout.Count(n); l++)
            {
                int token = ((int*)tokens.Address)[(long)n * Layout.Most + l];
                if ((uint)token >= (uint)vocabulary)
                    throw new DropoutLabException($"token {token} is none: the table has {vocabulary}, from 0");
                Span<float> to = Row(y, Layout.First(n) + l, width);
                TensorPrimitives.Add<float>(Row(words, token, width), Row(positions, l, width), to);
                TensorPrimitives.Add(to, type, to);
            }
        }
    }
}

/// <summary>
/// The sums of ∂J/∂y over the tokens that read a row. A thread has every so many-th row of the table to itself and adds its
/// tokens in order, so that the sums come out the same on any number of threads.
/// </summary>
internal sealed unsafe class EmbeddingGradientKernel(
    ThreadTeam team, SentenceRows rows, PlanBuffer tokens, PlanBuffer dy, PlanBuffer gradient, EmbeddingRow kind,
    int tableRows, int width)
    : Kernel
{
    private readonly Rows work = new(rows, tokens, dy, gradient, kind, tableRows, width);

    public override IEnumerable<PlanBuffer> Buffers => [tokens, dy, gradient];

    public override void Run() => team.Run(work);

    public override string ToString() => $"EmbeddingGradient {kind}";

    private sealed class Rows(
        SentenceRows rows, PlanBuffer tokens, PlanBuffer dy, PlanBuffer gradient, EmbeddingRow kind, int tableRows, int width)
        : ParallelKernel
    {
        protected override void RunShare(int share, int shareCount)
        {
            for (int row = share; row < tableRows; row += shareCount)
                Row(gradient, row).Clear();
            for (int n = 0; n < rows.Batch; n++)
            {
                for (int l = 0; l < rows.Count(n); l++)
                {
                    int row = kind switch
                    {
                        EmbeddingRow.Token => ((int*)tokens.Address)[(long)n * rows.Most + l],
                        EmbeddingRow.Position => l,
                        EmbeddingRow.First => 0,
                        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such row"),
                    };
                    if (row % shareCount == share)
                        TensorPrimitives.Add<float>(Row(gradient, row), Row(dy, rows.First(n) + l), Row(gradient, row));
                }
            }
        }

        private Span<float> Row(PlanBuffer buffer, int row) => new((float*)buffer.Address + (long)row * width, width);
    }
}

/// <summary>A sentence's first token, or the mean over its tokens.</summary>
internal sealed unsafe class TokenPoolWork(SentenceRows rows, PlanBuffer x, PlanBuffer y, int width, Pooling pooling)
    : SentenceWork("TokenPool", rows, x, y)
{
    public override void Run(int share, int begin, int end)
    {
        for (int n = begin; n < end; n++)
        {
            Span<float> to = Row(y, n, width);
            Row(x, Layout.First(n), width).CopyTo(to);
            if (pooling == Pooling.First)
                continue;
            for (int l = 1; l < Layout.Count(n); l++)
                TensorPrimitives.Add<float>(to, Row(x, Layout.First(n) + l, width), to);
            TensorPrimitives.Multiply(to, 1f / Layout.Count(n), to);
        }
    }
}

/// <summary>∂J/∂x of the same.</summary>
internal sealed unsafe class TokenPoolGradientWork(SentenceRows rows, PlanBuffer dy, PlanBuffer dx, int width, Pooling pooling)
    : SentenceWork("TokenPoolGradient", rows, dy, dx)
{
    public override void Run(int share, int begin, int end)
    {
        for (int n = begin; n < end; n++)
        {
            ReadOnlySpan<float> signal = Row(dy, n, width);
            for (int l = 0; l < Layout.Count(n); l++)
            {
                Span<float> to = Row(dx, Layout.First(n) + l, width);
                if (pooling == Pooling.Mean)
                    TensorPrimitives.Multiply(signal, 1f / Layout.Count(n), to);
                else if (l == 0)
                    signal.CopyTo(to);
                else
                    to.Clear();
            }
        }
    }
}

/// <summary>y[n, m] = x[n, places[n, m]], and 0 where the place is −1; or, backwards, ∂J/∂y added up at its places.</summary>
internal sealed unsafe class GatherTokensWork(
    SentenceRows rows, PlanBuffer packed, PlanBuffer places, PlanBuffer gathered, int width, int placeCount, bool isGradient)
    : SentenceWork(isGradient ? "GatherTokensGradient" : "GatherTokens", rows, packed, places, gathered)
{
    public override void Run(int share, int begin, int end)
    {
        if (isGradient)
            new Span<float>(At(packed, Layout.First(begin), width), (Layout.First(end) - Layout.First(begin)) * width).Clear();
        for (int n = begin; n < end; n++)
        {
            for (int m = n * placeCount; m < (n + 1) * placeCount; m++)
                Move(n, m);
        }
    }

    private void Move(int n, int m)
    {
        Span<float> own = Row(gathered, m, width);
        int place = ((int*)places.Address)[m];
        if (place >= Layout.Count(n))
            throw new DropoutLabException($"place {place} of sentence {n} of the batch is none: it has {Layout.Count(n)} tokens");
        if (place < 0)
        {
            if (!isGradient)
                own.Clear();
            return;
        }

        Span<float> token = Row(packed, Layout.First(n) + place, width);
        if (isGradient)
            TensorPrimitives.Add(token, own, token);
        else
            token.CopyTo(own);
    }
}

/// <summary>C = op(A) op(B) of row-major matrices, of which as many rows count as sentences have tokens.</summary>
/// <param name="library">oneDNN, whose product takes any sizes at run time.</param>
/// <param name="rows">Rows of the activations.</param>
/// <param name="kind">Which product of a linear layer.</param>
/// <param name="a">h, ∂J/∂z or ∂J/∂z.</param>
/// <param name="b">W, W or h.</param>
/// <param name="c">z, ∂J/∂h or ∂J/∂W.</param>
/// <param name="inputs">I.</param>
/// <param name="outputs">O.</param>
internal sealed unsafe class LinearKernel(
    OneDnnLibrary library, SentenceRows rows, LinearProduct kind, PlanBuffer a, PlanBuffer b, PlanBuffer c, int inputs,
    int outputs) : Kernel
{
    public override IEnumerable<PlanBuffer> Buffers => [a, b, c];

    public override void Run()
    {
        float* left = (float*)a.Address, right = (float*)b.Address, result = (float*)c.Address;
        OneDnnApi api = library.Api;
        const byte Plain = (byte)'N', Transposed = (byte)'T';
        api.Check(
            kind switch
            {
                LinearProduct.Forward => api.Sgemm(
                    Plain, Transposed, rows.Total, outputs, inputs, 1, left, inputs, right, inputs, 0, result, outputs),
                LinearProduct.InputGradient => api.Sgemm(
                    Plain, Plain, rows.Total, inputs, outputs, 1, left, outputs, right, inputs, 0, result, inputs),
                LinearProduct.WeightGradient => api.Sgemm(
                    Transposed, Plain, outputs, inputs, rows.Total, 1, left, outputs, right, inputs, 0, result, inputs),
                _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such product"),
            },
            "a product");
    }

    public override string ToString() => $"Linear {kind}, {inputs} to {outputs}";
}

/// <summary>The three products of a linear layer.</summary>
internal enum LinearProduct
{
    /// <summary>z = h Wᵀ.</summary>
    Forward,

    /// <summary>∂J/∂h = ∂J/∂z W.</summary>
    InputGradient,

    /// <summary>∂J/∂W = (∂J/∂z)ᵀ h.</summary>
    WeightGradient,
}
