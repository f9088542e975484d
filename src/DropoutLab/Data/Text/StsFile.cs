using System.Globalization;
using System.Numerics.Tensors;
using System.Text;
using MathNet.Numerics.Statistics;

namespace DropoutLab.Data.Text;

/// <summary>Two sentences and how much people found them to mean the same.</summary>
/// <param name="Score">From 0, nothing in common, to 5, the same.</param>
/// <param name="First">The one.</param>
/// <param name="Second">The other.</param>
public sealed record StsPair(double Score, string First, string Second);

/// <summary>
/// A file of the STS Benchmark: tab-separated, without quoting; the 5th field is the score, the 6th and 7th are the sentences.
/// </summary>
/// <remarks>Source: Cer, Diab, Agirre, Lopez-Gazpio, Specia, "SemEval-2017 Task 1: Semantic Textual Similarity", 2017.</remarks>
public static class StsFile
{
    private const int ScoreField = 4, FirstField = 5, SecondField = 6;
    private const double HighestScore = 5;

    /// <summary>Reads the pairs; further fields at the end of a line are left, and so are empty lines.</summary>
    /// <exception cref="DropoutLabException">
    /// The file cannot be read, has a line of another form, or has not two pairs of different scores.
    /// </exception>
    public static IReadOnlyList<StsPair> Read(string path)
    {
        List<StsPair> pairs = [];
        Utf8Lines.ForEach(path, (_, number, line) =>
        {
            if (!line.IsEmpty)
                pairs.Add(Pair(path, number, Encoding.UTF8.GetString(line).Split('\t')));
        });
        return pairs.Exists(pair => pair.Score != pairs[0].Score)
            ? pairs
            : throw new DropoutLabException(
                $"{path} has {pairs.Count} pairs: two of different scores are needed at least, or there is no correlation");
    }

    /// <summary>The sentences of pairs, those of the i-th at 2i and 2i + 1.</summary>
    public static IReadOnlyList<string> Sentences(IEnumerable<StsPair> pairs) =>
        [.. pairs.SelectMany(pair => new[] { pair.First, pair.Second })];

    private static StsPair Pair(string path, long number, string[] fields)
    {
        if (fields.Length <= SecondField)
        {
            throw Utf8Lines.Wrong(
                path, number,
                $"it has {fields.Length} fields, {SecondField + 1} at least are needed between tabs: "
                + "the 5th is the score, the 6th and 7th are the sentences");
        }

        string text = fields[ScoreField];
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double score)
            || score is not (>= 0 and <= HighestScore))
        {
            throw Utf8Lines.Wrong(path, number, $"its 5th field, the score, is '{text}': 0 to {HighestScore} is needed");
        }

        return new StsPair(score, fields[FirstField], fields[SecondField]);
    }
}

/// <summary>How well embeddings of the pairs' sentences tell what people found.</summary>
/// <param name="Pairs">How many pairs there are.</param>
/// <param name="Spearman">
/// Spearman's rank correlation of cosine similarities and scores, from −1 to 1; equal ones share their mean rank. 0 if all
/// similarities are equal.
/// </param>
/// <param name="Alignment">
/// E ‖u − v‖² over the pairs of score 4 and more, of embeddings divided by their length, from 0 to 4; null if there is none.
/// </param>
/// <param name="Uniformity">
/// log E exp(−2 ‖u − v‖²) over all pairs of the sentences, scored or not, of embeddings divided by their length, from −8 to 0.
/// </param>
/// <remarks>
/// Source of the last two: Wang, Isola, "Understanding Contrastive Representation Learning through Alignment and Uniformity on
/// the Hypersphere", 2020.
/// </remarks>
public sealed record StsMetrics(int Pairs, double Spearman, double? Alignment, double Uniformity)
{
    private const double AlikeScore = 4;

    /// <summary>The metrics of embeddings.</summary>
    /// <param name="pairs">P pairs.</param>
    /// <param name="embeddings">[2P, D] in row-major order, those of the i-th pair's sentences in rows 2i and 2i + 1.</param>
    /// <exception cref="ArgumentException">There are no 2P rows.</exception>
    public static StsMetrics Of(IReadOnlyList<StsPair> pairs, ReadOnlySpan<double> embeddings)
    {
        int rows = 2 * pairs.Count, width = embeddings.Length / Math.Max(1, rows);
        if (rows == 0 || width == 0 || embeddings.Length != rows * width)
            throw new ArgumentException($"{embeddings.Length} numbers are no embeddings of {rows} sentences", nameof(embeddings));
        double[][] normalised = new double[rows][];
        for (int row = 0; row < rows; row++)
            normalised[row] = Normalised(embeddings.Slice(row * width, width));

        double[] similarities =
            [.. normalised.Chunk(2).Select(pair => TensorPrimitives.Dot<double>(pair[0], pair[1]))];
        double[] alike = [.. similarities.Where((_, pair) => pairs[pair].Score >= AlikeScore)];
        double spearman = Correlation.Spearman(similarities, pairs.Select(pair => pair.Score));
        return new StsMetrics(
            pairs.Count,
            double.IsNaN(spearman) ? 0 : spearman,
            alike.Length > 0 ? alike.Average(SquareDistance) : null,
            UniformityOf(normalised));
    }

    /// <summary>‖u − v‖² = 2 − 2 uᵀv of vectors of length 1.</summary>
    private static double SquareDistance(double similarity) => 2 - 2 * similarity;

    private static double[] Normalised(ReadOnlySpan<double> embedding)
    {
        double[] normalised = new double[embedding.Length];
        double norm = TensorPrimitives.Norm(embedding);
        if (norm > 0)
            TensorPrimitives.Divide(embedding, norm, normalised);
        return normalised;
    }

    private static double UniformityOf(double[][] normalised)
    {
        double[] sums = new double[normalised.Length]; // a row's own, so that threads add in one order
        Parallel.For(0, normalised.Length, row =>
        {
            for (int other = 0; other < row; other++)
                sums[row] += Math.Exp(-2 * SquareDistance(TensorPrimitives.Dot<double>(normalised[row], normalised[other])));
        });
        return Math.Log(sums.Sum() / (normalised.Length * (normalised.Length - 1.0) / 2));
    }
}
