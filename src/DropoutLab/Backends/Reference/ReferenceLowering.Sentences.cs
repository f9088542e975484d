using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using MathNet.Numerics;

namespace DropoutLab.Backends.Reference;

/// <remarks>
/// Sentences are padded: [N, L, …] whatever their lengths. What lies beyond a length is computed too, and read by nobody.
/// </remarks>
internal sealed partial class ReferenceLowering<T>
{
    private Kernel LayerNormKernel(Value value, LayerNorm norm)
    {
        int channels = value.Inputs[1].Shape.Count;
        Rows<T> x = Rows(value.Inputs[0], channels), y = Rows(value, channels);
        Whole<T> scale = Whole(value.Inputs[1]), shift = Whole(value.Inputs[2]);
        return Loop(value, value.Shape.Count / channels, row =>
        {
            Span<T> from = x[row], to = y[row];
            (T mean, T deviation) = Moments(from, norm);
            for (int c = 0; c < channels; c++)
                to[c] = scale.Span[c] * (from[c] - mean) / deviation + shift.Span[c];
        });
    }

    private Kernel LayerNormInputGradientKernel(Value value, LayerNorm norm)
    {
        int channels = value.Inputs[2].Shape.Count;
        Rows<T> dy = Rows(value.Inputs[0], channels), x = Rows(value.Inputs[1], channels), dx = Rows(value, channels);
        Whole<T> scale = Whole(value.Inputs[2]);
        return Loop(value, value.Shape.Count / channels, row =>
        {
            Span<T> signal = dy[row], from = x[row], to = dx[row];
            (T mean, T deviation) = Moments(from, norm);
            (T sum, T product) = (T.Zero, T.Zero);
            for (int c = 0; c < channels; c++)
            {
                T g = scale.Span[c] * signal[c];
                sum += g;
                product += g * (from[c] - mean) / deviation;
            }

            T count = T.CreateChecked(channels);
            for (int c = 0; c < channels; c++)
                to[c] = (scale.Span[c] * signal[c] - sum / count - (from[c] - mean) / deviation * product / count) / deviation;
        });
    }

    private Kernel LayerNormScaleGradientKernel(Value value, LayerNorm norm)
    {
        int channels = value.Shape.Count, rows = value.Inputs[0].Shape.Count / channels;
        Rows<T> dy = Rows(value.Inputs[0], channels), x = Rows(value.Inputs[1], channels);
        Whole<T> gradient = Whole(value);
        return Loop(value, 1, _ =>
        {
            gradient.Span.Clear();
            for (int row = 0; row < rows; row++)
            {
                (T mean, T deviation) = Moments(x[row], norm);
                for (int c = 0; c < channels; c++)
                    gradient.Span[c] += dy[row][c] * (x[row][c] - mean) / deviation;
            }
        });
    }

    private Kernel EmbeddingKernel(Value value)
    {
        int tokens = value.Shape[1], width = value.Shape[2];
        Rows<T> y = Rows(value, width);
        Whole<int> numbers = Integers(value.Inputs[0]), lengths = Integers(value.Inputs[1]);
        Rows<T> words = Rows(value.Inputs[2], width), positions = Rows(value.Inputs[3], width),
            types = Rows(value.Inputs[4], width);
        return Loop(value, value.Shape[0] * tokens, row =>
        {
            (int n, int l) = Math.DivRem(row, tokens);
            y[row].Clear();
            for (int c = 0; c < width && l < lengths.Span[n]; c++)
                y[row][c] = words[numbers.Span[row]][c] + positions[l][c] + types[0][c];
        });
    }

    private Kernel EmbeddingGradientKernel(Value value, EmbeddingRow kind)
    {
        Shape sentences = value.Inputs[2].Shape;
        (int tokens, int width) = (sentences[1], sentences[2]);
        Rows<T> dy = Rows(value.Inputs[2], width), gradient = Rows(value, width);
        Whole<int> numbers = Integers(value.Inputs[0]), lengths = Integers(value.Inputs[1]);
        Whole<T> all = Whole(value);
        return Loop(value, 1, _ =>
        {
            all.Span.Clear();
            for (int row = 0; row < sentences[0] * tokens; row++)
            {
                (int n, int l) = Math.DivRem(row, tokens);
                int read = kind switch { EmbeddingRow.Token => numbers.Span[row], EmbeddingRow.Position => l, _ => 0 };
                for (int c = 0; c < width && l < lengths.Span[n]; c++)
                    gradient[read][c] += dy[row][c];
            }
        });
    }

    private Kernel AttentionProbabilitiesKernel(Value value)
    {
        (int heads, int tokens, int channels) = HeadsOf(value, value.Inputs[0]);
        Rows<T> q = Rows(value.Inputs[0], channels), k = Rows(value.Inputs[1], channels), p = Rows(value, tokens);
        Whole<int> lengths = Integers(value.Inputs[2]);
        T root = T.Sqrt(T.CreateChecked(channels));
        return Loop(value, value.Shape[0] * heads * tokens, row =>
        {
            (int n, int h, int i) = (row / tokens / heads, row / tokens % heads, row % tokens);
            Span<T> own = p[row][..lengths.Span[n]];
            p[row].Clear();
            for (int j = 0; j < own.Length; j++)
                own[j] = Dot(q[(n * tokens + i) * heads + h], k[(n * tokens + j) * heads + h]) / root;
            T logSum = LogSumExp(own);
            foreach (ref T probability in own)
                probability = T.Exp(probability - logSum);
        });
    }

    private Kernel AttentionScoresGradientKernel(Value value, int channels)
    {
        int tokens = value.Shape[3];
        Rows<T> dp = Rows(value.Inputs[0], tokens), p = Rows(value.Inputs[1], tokens), ds = Rows(value, tokens);
        T root = T.Sqrt(T.CreateChecked(channels));
        return Loop(value, value.Shape.Count / tokens, row =>
        {
            T sum = Dot(dp[row], p[row]);
            for (int j = 0; j < tokens; j++)
                ds[row][j] = p[row][j] * (dp[row][j] - sum) / root;
        });
    }

    private Kernel AttentionContextKernel(Value value, bool isTransposed)
    {
        (int heads, int tokens, int channels) = HeadsOf(value.Inputs[0], value);
        Rows<T> p = Rows(value.Inputs[0], tokens), v = Rows(value.Inputs[1], channels), c = Rows(value, channels);
        return Loop(value, value.Shape[0] * heads * tokens, row =>
        {
            (int n, int i, int h) = (row / heads / tokens, row / heads % tokens, row % heads);
            Span<T> sum = c[row];
            sum.Clear();
            for (int j = 0; j < tokens; j++)
            {
                int matrix = (n * heads + h) * tokens;
                T factor = isTransposed ? p[matrix + j][i] : p[matrix + i][j];
                Span<T> from = v[(n * tokens + j) * heads + h];
                for (int d = 0; d < channels; d++)
                    sum[d] += factor * from[d];
            }
        });
    }

    private Kernel AttentionProductsKernel(Value value)
    {
        (int heads, int tokens, int channels) = HeadsOf(value, value.Inputs[0]);
        Rows<T> a = Rows(value.Inputs[0], channels), b = Rows(value.Inputs[1], channels), products = Rows(value, tokens);
        return Loop(value, value.Shape[0] * heads * tokens, row =>
        {
            (int n, int h, int i) = (row / tokens / heads, row / tokens % heads, row % tokens);
            for (int j = 0; j < tokens; j++)
                products[row][j] = Dot(a[(n * tokens + i) * heads + h], b[(n * tokens + j) * heads + h]);
        });
    }

    private Kernel TokenPoolKernel(Value value, Pooling pooling)
    {
        (int tokens, int width) = (value.Inputs[0].Shape[1], value.Shape[1]);
        Rows<T> x = Rows(value.Inputs[0], width), y = Rows(value);
        Whole<int> lengths = Integers(value.Inputs[1]);
        return ForEachDatum(value, n =>
        {
            int count = pooling == Pooling.First ? 1 : lengths.Span[n];
            y[n].Clear();
            for (int l = 0; l < count; l++)
            {
                for (int c = 0; c < width; c++)
                    y[n][c] += x[n * tokens + l][c] / T.CreateChecked(count);
            }
        });
    }

    private Kernel TokenPoolGradientKernel(Value value, Pooling pooling)
    {
        (int tokens, int width) = (value.Shape[1], value.Shape[2]);
        Rows<T> dy = Rows(value.Inputs[0]), dx = Rows(value, width);
        Whole<int> lengths = Integers(value.Inputs[1]);
        return Loop(value, value.Shape[0] * tokens, row =>
        {
            (int n, int l) = Math.DivRem(row, tokens);
            int count = pooling == Pooling.First ? 1 : lengths.Span[n];
            for (int c = 0; c < width; c++)
                dx[row][c] = l < count ? dy[n][c] / T.CreateChecked(count) : T.Zero;
        });
    }

    private Kernel GatherTokensKernel(Value value)
    {
        (int tokens, int places, int width) = (value.Inputs[0].Shape[1], value.Shape[1], value.Shape[2]);
        Rows<T> x = Rows(value.Inputs[0], width), y = Rows(value, width);
        Whole<int> chosen = Integers(value.Inputs[2]);
        return Loop(value, value.Shape[0] * places, row =>
        {
            if (chosen.Span[row] < 0)
                y[row].Clear();
            else
                x[row / places * tokens + chosen.Span[row]].CopyTo(y[row]);
        });
    }

    private Kernel GatherTokensGradientKernel(Value value)
    {
        (int tokens, int places, int width) = (value.Shape[1], value.Inputs[0].Shape[1], value.Shape[2]);
        Rows<T> dy = Rows(value.Inputs[0], width), dx = Rows(value, width), all = Rows(value);
        Whole<int> chosen = Integers(value.Inputs[2]);
        return ForEachDatum(value, n =>
        {
            all[n].Clear();
            for (int m = n * places; m < (n + 1) * places; m++)
            {
                for (int c = 0; c < width && chosen.Span[m] >= 0; c++)
                    dx[n * tokens + chosen.Span[m]][c] += dy[m][c];
            }
        });
    }

    private Kernel TokenCrossEntropyKernel(Value value)
    {
        Rows<T> logits = Rows(value.Inputs[0], value.Inputs[0].Shape[2]);
        Whole<int> tokens = Integers(value.Inputs[1]);
        Whole<T> result = Whole(value);
        return Loop(value, 1, _ =>
        {
            T sum = T.Zero;
            for (int i = 0; i < tokens.Span.Length; i++)
            {
                if (tokens.Span[i] >= 0)
                    sum += LogSumExp(logits[i]) - logits[i][tokens.Span[i]];
            }

            result.Span[0] = sum / ChosenCount(tokens);
        });
    }

    private Kernel TokenCrossEntropyGradientKernel(Value value)
    {
        int vocabulary = value.Shape[2];
        Rows<T> logits = Rows(value.Inputs[0], vocabulary), gradient = Rows(value, vocabulary);
        Whole<int> tokens = Integers(value.Inputs[1]);
        Whole<T> signal = Whole(value.Inputs[2]);
        return Loop(value, value.Shape.Count / vocabulary, i =>
        {
            gradient[i].Clear();
            if (tokens.Span[i] < 0)
                return;
            T logSum = LogSumExp(logits[i]), factor = signal.Span[0] / ChosenCount(tokens);
            for (int v = 0; v < vocabulary; v++)
                gradient[i][v] = factor * (T.Exp(logits[i][v] - logSum) - (v == tokens.Span[i] ? T.One : T.Zero));
        });
    }

    private Kernel ContrastiveLossKernel(Value value, double temperature)
    {
        Rows<T> pairs = Rows(value.Inputs[0]);
        Whole<T> result = Whole(value);
        int count = value.Inputs[0].Shape[0] / 2;
        T[] similarities = new T[count];
        return Loop(value, 1, _ =>
        {
            T sum = T.Zero;
            for (int i = 0; i < count; i++)
            {
                for (int j = 0; j < count; j++)
                    similarities[j] = Cosine(pairs[2 * i], pairs[2 * j + 1]) / T.CreateChecked(temperature);
                sum += LogSumExp(similarities) - similarities[i];
            }

            result.Span[0] = sum / T.CreateChecked(count);
        });
    }

    /// <summary>∂J/∂sim(uᵢ, vⱼ) = (softmaxⱼ − δᵢⱼ)/(N τ), and ∂sim(a, b)/∂a = (b/‖b‖ − sim a/‖a‖)/‖a‖.</summary>
    private Kernel ContrastiveLossGradientKernel(Value value, double temperature)
    {
        Rows<T> pairs = Rows(value.Inputs[0]), gradient = Rows(value);
        Whole<T> signal = Whole(value.Inputs[1]), all = Whole(value);
        int count = value.Shape[0] / 2;
        T[] similarities = new T[count];
        return Loop(value, 1, _ =>
        {
            all.Span.Clear();
            T scale = T.CreateChecked(temperature);
            for (int i = 0; i < count; i++)
            {
                for (int j = 0; j < count; j++)
                    similarities[j] = Cosine(pairs[2 * i], pairs[2 * j + 1]);
                T[] scaled = [.. similarities.Select(similarity => similarity / scale)];
                T logSum = LogSumExp(scaled);
                for (int j = 0; j < count; j++)
                {
                    T softmax = T.Exp(scaled[j] - logSum) - (i == j ? T.One : T.Zero);
                    T factor = signal.Span[0] * softmax / (scale * T.CreateChecked(count));
                    AddCosineGradient(factor, similarities[j], pairs[2 * i], pairs[2 * j + 1], gradient[2 * i]);
                    AddCosineGradient(factor, similarities[j], pairs[2 * j + 1], pairs[2 * i], gradient[2 * j + 1]);
                }
            }
        });
    }

    private Rows<T> Rows(Value value, int length) => new(builder.BufferOf(value), length);

    private Whole<int> Integers(Value value) => new(builder.BufferOf(value), value.Shape.Count);

    /// <summary>Heads, tokens of a sentence and channels of a head, of products [N, H, L, L] and tokens [N, L, W].</summary>
    private static (int Heads, int Tokens, int Channels) HeadsOf(Value products, Value tokens) =>
        (products.Shape[1], products.Shape[2], tokens.Shape[2] / products.Shape[1]);

    private static (T Mean, T Deviation) Moments(ReadOnlySpan<T> row, LayerNorm norm)
    {
        (T mean, T variance, T count) = (T.Zero, T.Zero, T.CreateChecked(row.Length));
        foreach (T x in row)
            mean += x / count;
        foreach (T x in row)
            variance += (x - mean) * (x - mean) / count;
        return (mean, T.Sqrt(variance + T.CreateChecked(norm.Epsilon)));
    }

    private static T ChosenCount(Whole<int> tokens)
    {
        int count = 0;
        foreach (int token in tokens.Span)
            count += token >= 0 ? 1 : 0;
        return T.CreateChecked(Math.Max(count, 1));
    }

    private static T Dot(ReadOnlySpan<T> a, ReadOnlySpan<T> b)
    {
        T sum = T.Zero;
        for (int i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    private static T Cosine(ReadOnlySpan<T> a, ReadOnlySpan<T> b) => Dot(a, b) / T.Sqrt(Dot(a, a) * Dot(b, b));

    private static void AddCosineGradient(T factor, T cosine, ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> gradient)
    {
        T lengthOfA = T.Sqrt(Dot(a, a)), lengthOfB = T.Sqrt(Dot(b, b));
        for (int d = 0; d < a.Length; d++)
            gradient[d] += factor * (b[d] / lengthOfB - cosine * a[d] / lengthOfA) / lengthOfA;
    }

    private static T NormalDistribution(T x) =>
        T.CreateChecked(0.5 * SpecialFunctions.Erfc(-double.CreateChecked(x) / Math.Sqrt(2)));

    private static T NormalDensity(T x) => T.Exp(-x * x / T.CreateChecked(2)) / T.Sqrt(T.CreateChecked(2) * T.Pi);
}
