using System.Numerics;
using System.Numerics.Tensors;
using DropoutLab.Backends.Threading;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends.OneDnn.Sentences;

/// <summary>z + b, in place.</summary>
internal sealed unsafe class BiasWork(SentenceRows rows, PlanBuffer z, PlanBuffer bias, int width)
    : RowWork("Bias", rows, z, bias)
{
    protected override void Row(int share, int row)
    {
        Span<float> own = Row(z, row, width);
        TensorPrimitives.Add(own, Row(bias, 0, width), own);
    }
}

/// <summary>A function of one element, or of an element of each of two arrays.</summary>
internal sealed unsafe class ElementwiseWork(
    string name, SentenceRows rows, PlanBuffer a, PlanBuffer? b, PlanBuffer y, int width, ElementwiseWork.Function function)
    : SentenceWork(name, rows, b is null ? [a, y] : [a, b, y])
{
    /// <summary>Takes stretches of the inputs to one of the result; of one input, both are the same.</summary>
    public delegate void Function(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y);

    public override void Run(int share, int begin, int end)
    {
        int first = Layout.First(begin), length = (Layout.First(end) - first) * width;
        function(
            new ReadOnlySpan<float>(At(a, first, width), length), new ReadOnlySpan<float>(At(b ?? a, first, width), length),
            new Span<float>(At(y, first, width), length));
    }
}

/// <summary>GELU and tanh with their gradients, over vectors of whatever width there is.</summary>
internal static class Activations
{
    public static void Gelu(ReadOnlySpan<float> x, ReadOnlySpan<float> same, Span<float> y)
    {
        int i = 0;
        for (; i <= x.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> value = new(x[i..]);
            (value * Distribution(value).Distribution).CopyTo(y[i..]);
        }

        for (; i < x.Length; i++)
            y[i] = x[i] * Distribution(new Vector<float>(x[i])).Distribution[0];
    }

    /// <summary>∂J/∂y (Φ(x) + x φ(x)).</summary>
    public static void GeluGradient(ReadOnlySpan<float> dy, ReadOnlySpan<float> x, Span<float> dx)
    {
        int i = 0;
        for (; i <= x.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(dy[i..]) * Slope(new Vector<float>(x[i..]))).CopyTo(dx[i..]);
        for (; i < x.Length; i++)
            dx[i] = dy[i] * Slope(new Vector<float>(x[i]))[0];
    }

    public static void Tanh(ReadOnlySpan<float> x, ReadOnlySpan<float> same, Span<float> y) => TensorPrimitives.Tanh(x, y);

    public static void TanhGradient(ReadOnlySpan<float> dy, ReadOnlySpan<float> x, Span<float> dx)
    {
        for (int i = 0; i < dx.Length; i++)
        {
            float y = MathF.Tanh(x[i]);
            dx[i] = dy[i] * (1 - y * y);
        }
    }

    private static Vector<float> Slope(Vector<float> x)
    {
        const float Density = 0.3989422804f; // 1/√(2π)
        (Vector<float> distribution, Vector<float> exponential) = Distribution(x);
        return distribution + x * exponential * Density;
    }

    /// <summary>
    /// Φ(x) and exp(−x²/2): erf(z) = 1 − (a₁t + … + a₅t⁵) exp(−z²) with t = 1/(1 + pz) for z = |x|/√2 ≥ 0, within 1.5e-7.
    /// Source: Abramowitz and Stegun, "Handbook of Mathematical Functions", 1964, 7.1.26.
    /// </summary>
    private static (Vector<float> Distribution, Vector<float> Exponential) Distribution(Vector<float> x)
    {
        Vector<float> z = Vector.Abs(x) * 0.7071067812f, exponential = Vector.Exp(-z * z);
        Vector<float> t = Vector<float>.One / (Vector<float>.One + 0.3275911f * z);
        Vector<float> sum = new(1.061405429f);
        foreach (float coefficient in (ReadOnlySpan<float>)[-1.453152027f, 1.421413741f, -0.284496736f, 0.254829592f])
            sum = Vector.FusedMultiplyAdd(sum, t, new Vector<float>(coefficient));
        Vector<float> upper = Vector<float>.One - 0.5f * sum * t * exponential;
        return (Vector.ConditionalSelect(Vector.LessThan(x, Vector<float>.Zero), Vector<float>.One - upper, upper), exponential);
    }
}

/// <summary>y = γ x̂ + β, row by row.</summary>
internal sealed unsafe class LayerNormWork(
    SentenceRows rows, PlanBuffer x, PlanBuffer scale, PlanBuffer shift, PlanBuffer y, int width, float epsilon)
    : RowWork("LayerNorm", rows, x, scale, shift, y)
{
    protected override void Row(int share, int row)
    {
        ReadOnlySpan<float> from = Row(x, row, width);
        Span<float> to = Row(y, row, width);
        (float mean, float factor) = Moments(from, epsilon);
        TensorPrimitives.Subtract(from, mean, to);
        TensorPrimitives.Multiply(to, factor, to);
        TensorPrimitives.MultiplyAdd<float>(to, Row(scale, 0, width), Row(shift, 0, width), to);
    }

    /// <summary>μ and 1/√(σ² + ε).</summary>
    public static (float Mean, float Factor) Moments(ReadOnlySpan<float> row, float epsilon)
    {
        float mean = TensorPrimitives.Sum(row) / row.Length;
        Vector<float> sum = Vector<float>.Zero, centre = new(mean);
        int i = 0;
        for (; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> difference = new Vector<float>(row[i..]) - centre;
            sum = Vector.FusedMultiplyAdd(difference, difference, sum);
        }

        float variance = Vector.Sum(sum);
        for (; i < row.Length; i++)
            variance += (row[i] - mean) * (row[i] - mean);
        return (mean, 1 / MathF.Sqrt(variance / row.Length + epsilon));
    }
}

/// <summary>∂J/∂x = (g − mean(g) − x̂ mean(g ⊙ x̂))/√(σ² + ε) with g = γ ⊙ ∂J/∂y, row by row.</summary>
internal sealed unsafe class LayerNormInputGradientWork(
    SentenceRows rows, PlanBuffer dy, PlanBuffer x, PlanBuffer scale, PlanBuffer dx, int width, float epsilon, int threads)
    : RowWork("LayerNormInputGradient", rows, dy, x, scale, dx)
{
    private readonly float[][] normalised = Scratch.Rows(threads, width), signals = Scratch.Rows(threads, width);

    protected override void Row(int share, int row)
    {
        ReadOnlySpan<float> from = Row(x, row, width);
        (float[] unit, float[] g) = (normalised[share], signals[share]);
        (float mean, float factor) = LayerNormWork.Moments(from, epsilon);
        TensorPrimitives.Subtract(from, mean, unit);
        TensorPrimitives.Multiply(unit, factor, unit);
        TensorPrimitives.Multiply<float>(Row(dy, row, width), Row(scale, 0, width), g);
        float sum = TensorPrimitives.Sum<float>(g) / width, product = TensorPrimitives.Dot<float>(g, unit) / width;
        TensorPrimitives.Subtract(g, sum, g);
        TensorPrimitives.MultiplyAdd(unit, -product, g, g);
        TensorPrimitives.Multiply(g, factor, Row(dx, row, width));
    }
}

/// <summary>A sum over all rows, a number a channel: each thread's, added up in the threads' order.</summary>
internal abstract unsafe class ChannelSumWork(
    string name, SentenceRows rows, PlanBuffer sum, int width, int threads, params PlanBuffer[] inputs)
    : RowWork(name, rows, [.. inputs, sum])
{
    private readonly float[][] parts = Scratch.Rows(threads, width);

    protected int Width => width;

    public override IEnumerable<PlanBuffer> Sums => [sum];

    public override void Begin()
    {
        foreach (float[] part in parts)
            Array.Clear(part);
    }

    public override void End()
    {
        Span<float> all = Row(sum, 0, width);
        all.Clear();
        foreach (float[] part in parts)
            TensorPrimitives.Add(all, part, all);
    }

    protected override void Row(int share, int row) => Add(share, row, parts[share]);

    protected abstract void Add(int share, int row, Span<float> part);
}

/// <summary>∂J/∂b = Σ ∂J/∂z.</summary>
internal sealed unsafe class BiasGradientWork(SentenceRows rows, PlanBuffer dz, PlanBuffer gradient, int width, int threads)
    : ChannelSumWork("BiasGradient", rows, gradient, width, threads, dz)
{
    protected override void Add(int share, int row, Span<float> part) =>
        TensorPrimitives.Add(part, Row(dz, row, Width), part);
}

/// <summary>∂J/∂γ = Σ ∂J/∂y ⊙ x̂.</summary>
internal sealed unsafe class LayerNormScaleGradientWork(
    SentenceRows rows, PlanBuffer dy, PlanBuffer x, PlanBuffer gradient, int width, float epsilon, int threads)
    : ChannelSumWork("LayerNormScaleGradient", rows, gradient, width, threads, dy, x)
{
    private readonly float[][] normalised = Scratch.Rows(threads, width);

    protected override void Add(int share, int row, Span<float> part)
    {
        ReadOnlySpan<float> from = Row(x, row, Width);
        float[] unit = normalised[share];
        (float mean, float factor) = LayerNormWork.Moments(from, epsilon);
        TensorPrimitives.Subtract(from, mean, unit);
        TensorPrimitives.Multiply(unit, factor, unit);
        TensorPrimitives.MultiplyAdd(unit, Row(dy, row, Width), part, part);
    }
}

/// <summary>
/// y = x ⊙ ε / (1 − p), which draws the mask if it is the first that reads it. The bits are those of the padded sentence, of
/// which the first are its own tokens'.
/// </summary>
/// <param name="rows">The sentences' rows, or those of dense data.</param>
/// <param name="x">What is masked.</param>
/// <param name="bits">The mask's.</param>
/// <param name="y">The product.</param>
/// <param name="mask">What draws, or whose ratio counts.</param>
/// <param name="shape">Of what is masked, the padding with it.</param>
/// <param name="draws">Whether the bits are to be drawn.</param>
/// <param name="state">Knows seed and step.</param>
internal sealed unsafe class MaskedWork(
    SentenceRows rows, PlanBuffer x, PlanBuffer bits, PlanBuffer y, MaskOperator mask, Shape shape, bool draws, StepState state)
    : SentenceWork("Masked", rows, x, bits, y)
{
    private readonly MaskPattern? pattern = draws ? new MaskPattern(((DrawMask)mask).Mask.Sharing, shape.Axes) : null;
    private readonly int wordsPerRow = MaskKernels.WordsPerRow(shape.CountPerDatum);
    private readonly bool isOfProducts = shape.Rank == 4;
    private readonly int width = shape.Axes[^1];
    private MaskStream stream;
    private float scale;

    public override void Begin()
    {
        if (mask is DrawMask drawn)
            stream = state.Stream(drawn.Mask);
        scale = (float)mask.DropProbability.ScaleAt(state.Step);
    }

    public override void Run(int share, int begin, int end)
    {
        for (int n = begin; n < end; n++)
        {
            ulong* own = (ulong*)bits.Address + (long)n * wordsPerRow;
            // The products of a sentence's tokens are padded; its tokens are not.
            int count = isOfProducts ? shape.CountPerDatum : Layout.Count(n) * width;
            long first = isOfProducts ? (long)n * shape.CountPerDatum : (long)Layout.First(n) * width;
            float* from = (float*)x.Address + first, to = (float*)y.Address + first;
            if (pattern is not null)
                pattern.DrawMultiplyRow(stream, state.Datum(n), own, from, to, count);
            else
                MaskKernels.MultiplyRow(own, from, to, count, scale);
        }
    }
}

/// <summary>Rows without padding as a padded array, 0 beyond a sentence's length: what a caller reads.</summary>
internal sealed unsafe class PaddingWork(SentenceRows rows, PlanBuffer x, PlanBuffer padded, int width)
    : SentenceWork("Padding", rows, x, padded)
{
    public override void Run(int share, int begin, int end)
    {
        for (int n = begin; n < end; n++)
        {
            int count = Layout.Count(n) * width;
            Span<float> to = new(At(padded, n * Layout.Most, width), Layout.Most * width);
            new ReadOnlySpan<float>(At(x, Layout.First(n), width), count).CopyTo(to);
            to[count..].Clear();
        }
    }
}

/// <summary>Memory of the threads' own.</summary>
internal static class Scratch
{
    public static float[][] Rows(int threads, int length) => [.. Enumerable.Range(0, threads).Select(_ => new float[length])];
}
