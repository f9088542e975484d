using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Tests.Definitions;

namespace DropoutLab.Tests.Sentences;

/// <summary>
/// A BERT of one layer with the mean over tokens and its head, forwards and backwards in 64 bits, sentence by sentence and
/// without padding: the books' formulas, with a factor F wherever the forward pass meets a site of dropout and B wherever the
/// backward pass does. Nothing here is shared with the library but the masks' definition.
/// </summary>
internal sealed class EncoderClosedForm(
    Network network, EncoderShape shape, DropoutSettings dropout, Func<string, double[]> parameter, ulong seed, uint step)
{
    private readonly Dictionary<string, double[]> gradients = [];
    private int sentence;

    public IReadOnlyDictionary<string, double[]> Gradients => gradients;

    /// <summary>A sentence's part in the gradients, and its output.</summary>
    /// <param name="number">Its place in the batch.</param>
    /// <param name="tokens">Its tokens.</param>
    /// <param name="maxTokens">L, on which the places of the masks' bits depend.</param>
    /// <param name="signal">∂J/∂y of the output.</param>
    public double[] Add(int number, ReadOnlySpan<int> tokens, int maxTokens, Func<double[], double[]> signal)
    {
        sentence = number;
        const string Layer = "layer.0";
        int t = tokens.Length, w = shape.HiddenSize, heads = shape.HeadCount, d = w / heads;
        Matrix Site(string name, int rows, int width, bool isBackward, int? most = null) =>
            Factor(name, rows, width, isBackward, most ?? maxTokens);

        // Forwards.
        Matrix sum = new(t, w);
        for (int l = 0; l < t; l++)
        {
            for (int c = 0; c < w; c++)
                sum[l, c] = Of("embeddings.word_embeddings.weight")[tokens[l] * w + c]
                    + Of("embeddings.position_embeddings.weight")[l * w + c] + Of("embeddings.token_type_embeddings.weight")[c];
        }

        Matrix normal = Norm("embeddings", sum);
        Matrix hF = normal * Site("embeddings", t, w, false), hB = normal * Site("embeddings", t, w, true);
        Dictionary<string, Matrix> projected = [];
        foreach (string which in (string[])["query", "key", "value"])
            projected[which] = Linear(
                $"encoder.{Layer}.attention.self.{which}", hF * Site($"{Layer}.attention.self.{which}", t, w, false));
        Matrix[] p =
            [.. Enumerable.Range(0, heads).Select(h => Softmax(Head(projected["query"], h, d), Head(projected["key"], h, d)))];
        (Matrix[] pF, Matrix[] pB) = (Probabilities($"{Layer}.attention.probabilities", p, maxTokens, false),
            Probabilities($"{Layer}.attention.probabilities", p, maxTokens, true));
        Matrix context = new(t, w);
        for (int h = 0; h < heads; h++)
            context.SetHead(h, d, pF[h].Times(Head(projected["value"], h, d)));
        const string Out = $"{Layer}.attention.output.dense";
        Matrix attended = Linear($"encoder.{Out}", context * Site(Out, t, w, false));
        Matrix firstSum = attended * Site($"{Layer}.attention.residual", t, w, false) + hF;
        Matrix a = Norm($"encoder.{Layer}.attention.output", firstSum);
        const string Up = $"{Layer}.intermediate.dense", Down = $"{Layer}.output.dense";
        Matrix z = Linear($"encoder.{Up}", a * Site(Up, t, w, false)), g = z.Map(x => x * Normal(x));
        Matrix fed = Linear($"encoder.{Down}", g * Site(Down, t, shape.IntermediateSize, false));
        Matrix secondSum = fed * Site($"{Layer}.residual", t, w, false) + a;
        Matrix last = Norm($"encoder.{Layer}.output", secondSum);
        Matrix pooled = new(1, w);
        for (int c = 0; c < w; c++)
            pooled[0, c] = Enumerable.Range(0, t).Sum(l => last[l, c]) / t;
        Matrix y = Linear("head.dense", pooled * Site("head.dense", 1, w, false, most: 1)).Map(Math.Tanh);

        // Backwards.
        Matrix dy = new(1, w, signal(y.Values));
        Matrix dPooled = LinearBack("head.dense", pooled * Site("head.dense", 1, w, true, most: 1), dy * y.Map(v => 1 - v * v))
            * Site("head.dense", 1, w, true, most: 1);
        Matrix dLast = new(t, w);
        for (int l = 0; l < t; l++)
        {
            for (int c = 0; c < w; c++)
                dLast[l, c] = dPooled[0, c] / t;
        }

        Matrix dSecond = NormBack($"encoder.{Layer}.output", secondSum, dLast);
        Matrix dFed = dSecond * Site($"{Layer}.residual", t, w, true);
        Matrix dg = LinearBack($"encoder.{Down}", g * Site(Down, t, shape.IntermediateSize, true), dFed) * Site(
            Down, t, shape.IntermediateSize, true);
        Matrix dz = dg * z.Map(x => Normal(x) + x * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI));
        Matrix da = dSecond + LinearBack($"encoder.{Up}", a * Site(Up, t, w, true), dz) * Site(Up, t, w, true);
        Matrix dFirst = NormBack($"encoder.{Layer}.attention.output", firstSum, da);
        Matrix dAttended = dFirst * Site($"{Layer}.attention.residual", t, w, true);
        Matrix dContext = LinearBack($"encoder.{Out}", context * Site(Out, t, w, true), dAttended) * Site(Out, t, w, true);
        Matrix[] factors = Probabilities($"{Layer}.attention.probabilities", [.. p.Select(m => m.Map(_ => 1))], maxTokens, true);
        Dictionary<string, Matrix> signals = new() { ["query"] = new(t, w), ["key"] = new(t, w), ["value"] = new(t, w) };
        for (int h = 0; h < heads; h++)
        {
            Matrix dc = Head(dContext, h, d), dp = dc.Times(Head(projected["value"], h, d).Turned()) * factors[h], ds = new(t, t);
            for (int i = 0; i < t; i++)
            {
                double mean = Enumerable.Range(0, t).Sum(j => dp[i, j] * p[h][i, j]);
                for (int j = 0; j < t; j++)
                    ds[i, j] = p[h][i, j] * (dp[i, j] - mean) / Math.Sqrt(d);
            }

            signals["query"].SetHead(h, d, ds.Times(Head(projected["key"], h, d)));
            signals["key"].SetHead(h, d, ds.Turned().Times(Head(projected["query"], h, d)));
            signals["value"].SetHead(h, d, pB[h].Turned().Times(dc));
        }

        Matrix dh = dFirst;
        foreach ((string which, Matrix delta) in signals)
        {
            Matrix factor = Site($"{Layer}.attention.self.{which}", t, w, true);
            dh += LinearBack($"encoder.{Layer}.attention.self.{which}", hB * factor, delta) * factor;
        }

        Matrix dSum = NormBack("embeddings", sum, dh * Site("embeddings", t, w, true));
        for (int l = 0; l < t; l++)
        {
            for (int c = 0; c < w; c++)
            {
                Gradient("embeddings.word_embeddings.weight")[tokens[l] * w + c] += dSum[l, c];
                Gradient("embeddings.position_embeddings.weight")[l * w + c] += dSum[l, c];
                Gradient("embeddings.token_type_embeddings.weight")[c] += dSum[l, c];
            }
        }

        return y.Values;
    }

    private double[] Of(string name) => parameter(name);

    private double[] Gradient(string name)
    {
        if (!gradients.TryGetValue(name, out double[]? gradient))
            gradients.Add(name, gradient = new double[Of(name).Length]);
        return gradient;
    }

    /// <summary>The factor of a site of [N, most, width], of which the sentence has some rows.</summary>
    private Matrix Factor(string site, int rows, int width, bool isBackward, int most)
    {
        double[] all = FactorOf(
            site, most == 1 ? new Shape(sentence + 1, width) : new Shape(sentence + 1, most, width), isBackward);
        return new Matrix(rows, width, all[(sentence * most * width)..][..(rows * width)]);
    }

    private Matrix[] Probabilities(string site, Matrix[] p, int most, bool isBackward)
    {
        double[] all = FactorOf(site, new Shape(sentence + 1, p.Length, most, most), isBackward);
        return [.. p.Select((matrix, h) =>
        {
            Matrix dropped = new(matrix.Rows, matrix.Columns);
            for (int i = 0; i < matrix.Rows; i++)
            {
                for (int j = 0; j < matrix.Columns; j++)
                    dropped[i, j] = matrix[i, j] * all[((sentence * p.Length + h) * most + i) * most + j];
            }

            return dropped;
        })];
    }

    private double[] FactorOf(string site, Shape masked, bool isBackward)
    {
        int number = network.Sites.ToList().FindIndex(known => known.Name == site);
        (double[] forward, double[] backward) = ClosedForms.Factors(dropout.Rule, dropout.Sharing, seed, number, step, masked);
        return isBackward ? backward : forward;
    }

    private Matrix Linear(string name, Matrix h)
    {
        double[] weight = Of($"{name}.weight"), bias = Of($"{name}.bias");
        Matrix z = h.Times(new Matrix(bias.Length, h.Columns, weight).Turned());
        return z + new Matrix(h.Rows, bias.Length, [.. Enumerable.Range(0, h.Rows).SelectMany(_ => bias)]);
    }

    /// <summary>Adds ∂J/∂W = δᵀh and ∂J/∂b = Σ δ, and gives δ W.</summary>
    private Matrix LinearBack(string name, Matrix h, Matrix delta)
    {
        double[] product = delta.Turned().Times(h).Values, weight = Gradient($"{name}.weight"), bias = Gradient($"{name}.bias");
        for (int i = 0; i < weight.Length; i++)
            weight[i] += product[i];
        for (int i = 0; i < delta.Values.Length; i++)
            bias[i % bias.Length] += delta.Values[i];
        return delta.Times(new Matrix(bias.Length, h.Columns, Of($"{name}.weight")));
    }

    private Matrix Norm(string name, Matrix x)
    {
        Matrix unit = Unit(x), y = new(x.Rows, x.Columns);
        for (int i = 0; i < y.Values.Length; i++)
            y.Values[i] = unit.Values[i] * Of($"{name}.LayerNorm.weight")[i % x.Columns]
                + Of($"{name}.LayerNorm.bias")[i % x.Columns];
        return y;
    }

    /// <summary>By the chain rule through mean and variance, each on its own.</summary>
    private Matrix NormBack(string name, Matrix x, Matrix dy)
    {
        Matrix unit = Unit(x), dx = new(x.Rows, x.Columns);
        double[] scale = Of($"{name}.LayerNorm.weight"), dScale = Gradient($"{name}.LayerNorm.weight"),
            dShift = Gradient($"{name}.LayerNorm.bias");
        for (int i = 0; i < x.Rows; i++)
        {
            double mean = Mean(x, i), variance = Variance(x, i) + shape.LayerNormEpsilon, dVariance = 0, dMean = 0;
            for (int c = 0; c < x.Columns; c++)
            {
                dScale[c] += dy[i, c] * unit[i, c];
                dShift[c] += dy[i, c];
                dVariance -= 0.5 * dy[i, c] * scale[c] * (x[i, c] - mean) * Math.Pow(variance, -1.5);
                dMean -= dy[i, c] * scale[c] / Math.Sqrt(variance);
            }

            for (int c = 0; c < x.Columns; c++)
                dx[i, c] = dy[i, c] * scale[c] / Math.Sqrt(variance) + (2 * dVariance * (x[i, c] - mean) + dMean) / x.Columns;
        }

        return dx;
    }

    private Matrix Unit(Matrix x)
    {
        Matrix unit = new(x.Rows, x.Columns);
        for (int i = 0; i < x.Rows; i++)
        {
            for (int c = 0; c < x.Columns; c++)
                unit[i, c] = (x[i, c] - Mean(x, i)) / Math.Sqrt(Variance(x, i) + shape.LayerNormEpsilon);
        }

        return unit;
    }

    private static double Mean(Matrix x, int row) => Enumerable.Range(0, x.Columns).Average(c => x[row, c]);

    private static double Variance(Matrix x, int row) =>
        Enumerable.Range(0, x.Columns).Average(c => Math.Pow(x[row, c] - Mean(x, row), 2));

    private static Matrix Softmax(Matrix q, Matrix k)
    {
        Matrix p = q.Times(k.Turned()).Map(score => Math.Exp(score / Math.Sqrt(q.Columns)));
        for (int i = 0; i < p.Rows; i++)
        {
            double sum = Enumerable.Range(0, p.Columns).Sum(j => p[i, j]);
            for (int j = 0; j < p.Columns; j++)
                p[i, j] /= sum;
        }

        return p;
    }

    private static Matrix Head(Matrix x, int head, int channels)
    {
        Matrix own = new(x.Rows, channels);
        for (int i = 0; i < x.Rows; i++)
        {
            for (int c = 0; c < channels; c++)
                own[i, c] = x[i, head * channels + c];
        }

        return own;
    }

    /// <summary>Φ by Simpson's rule, to 1e-13.</summary>
    private static double Normal(double x)
    {
        const int Steps = 2000;
        double width = x / Steps, sum = 0;
        for (int i = 0; i <= Steps; i++)
            sum += (i is 0 or Steps ? 1 : i % 2 == 1 ? 4 : 2) * Math.Exp(-0.5 * i * width * i * width);
        return 0.5 + sum * width / 3 / Math.Sqrt(2 * Math.PI);
    }

    private sealed class Matrix(int rows, int columns, double[]? values = null)
    {
        public int Rows => rows;

        public int Columns => columns;

        public double[] Values { get; } = values ?? new double[rows * columns];

        public double this[int row, int column]
        {
            get => Values[row * columns + column];
            set => Values[row * columns + column] = value;
        }

        public static Matrix operator *(Matrix a, Matrix b) =>
            new(a.Rows, a.Columns, [.. a.Values.Zip(b.Values, (x, y) => x * y)]);

        public static Matrix operator +(Matrix a, Matrix b) =>
            new(a.Rows, a.Columns, [.. a.Values.Zip(b.Values, (x, y) => x + y)]);

        public Matrix Map(Func<double, double> function) => new(rows, columns, [.. Values.Select(function)]);

        public Matrix Turned()
        {
            Matrix turned = new(columns, rows);
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < columns; j++)
                    turned[j, i] = this[i, j];
            }

            return turned;
        }

        public Matrix Times(Matrix other)
        {
            Matrix product = new(rows, other.Columns);
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < other.Columns; j++)
                    product[i, j] = Enumerable.Range(0, columns).Sum(k => this[i, k] * other[k, j]);
            }

            return product;
        }

        public void SetHead(int head, int channels, Matrix own)
        {
            for (int i = 0; i < rows; i++)
            {
                for (int c = 0; c < channels; c++)
                    this[i, head * channels + c] = own[i, c];
            }
        }
    }
}
