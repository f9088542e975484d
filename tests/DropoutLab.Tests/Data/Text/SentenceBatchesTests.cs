using DropoutLab.Backends;
using DropoutLab.Backends.Threading;
using DropoutLab.Data;
using DropoutLab.Data.Text;
using DropoutLab.Graph;
using DropoutLab.Random;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Data.Text;

public sealed class SentenceBatchesTests
{
    private static readonly string[] Alphabet = [.. Enumerable.Range('a', 26).Select(letter => $"{(char)letter}")];

    private static readonly Vocabulary Letters = SmallVocabulary.Of(Alphabet);

    /// <summary>Sentence i has i letters.</summary>
    private static readonly string[] Sentences = [.. Enumerable.Range(0, 26).Select(i => string.Join(' ', Alphabet[..i]))];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void TokensAndLengthsOfEachView(int views)
    {
        SentenceBatches batches = new("letters", Sentences, Letters, maxTokens: 5, views);
        IReadOnlyDictionary<string, double[]> read = batches.Read((int[])[2, 0, 25]);

        double[][] rows = [[2, 5, 6, 3, 0], [2, 3, 0, 0, 0], [2, 5, 6, 7, 3]];
        Assert.Equal(rows.SelectMany(row => Enumerable.Repeat(row, views)).SelectMany(row => row), read["tokens"]);
        Assert.Equal(new double[] { 4, 2, 5 }.SelectMany(length => Enumerable.Repeat(length, views)), read["lengths"]);
        Assert.Equal(["tokens", "lengths"], read.Keys);
        Assert.Equal((26, views, "sentences"), (batches.Count, batches.Views, batches.Unit));
    }

    [Fact]
    public void MaskedTokensAreTheDefinitionWhateverTheBatch()
    {
        SentenceBatches batches = new("letters", Sentences, Letters, maxTokens: 22, masksTokens: true);
        SentenceBatches plain = new("letters", Sentences, Letters, maxTokens: 22);
        int[] all = [.. Enumerable.Range(0, 26)], some = [25, 3, 17];
        EpochDraws draws = new(new RandomFunction(7), 3);
        Masked whole = Fill(batches, all, draws, threads: 1), part = Fill(batches, some, draws, threads: 3);

        Assert.Equal(3, TokenMask.CountOf(22));
        for (int number = 0; number < 26; number++)
        {
            int[] original = Fill(plain, [number], draws: null, threads: 1).Tokens[0], tokens = whole.Tokens[number];
            int length = Math.Min(number, 20) + 2;
            int[] positions = [.. whole.Positions[number].Where(position => position >= 0)];
            Assert.Equal(number == 0 ? 0 : Math.Max(1, (int)Math.Round(0.15 * (length - 2))), positions.Length);
            Assert.Equal(positions.Length, positions.Distinct().Count());
            Assert.All(positions, position => Assert.InRange(position, 1, length - 2));
            Assert.Equal(
                [.. positions.Select(position => original[position]), .. Enumerable.Repeat(-1, 3 - positions.Length)],
                whole.Originals[number]);
            Assert.All(Enumerable.Range(0, 22).Except(positions), position => Assert.Equal(original[position], tokens[position]));
        }

        for (int place = 0; place < some.Length; place++)
        {
            Assert.Equal(whole.Tokens[some[place]], part.Tokens[place]);
            Assert.Equal(whole.Positions[some[place]], part.Positions[place]);
            Assert.Equal(whole.Originals[some[place]], part.Originals[place]);
        }
    }

    /// <summary>Each place as likely, 80% [MASK], 10% any token, 10% as they were: within five standard deviations.</summary>
    [Fact]
    public void PlacesAndKindsAreDrawnAsBertDraws()
    {
        const int Count = 40_000, Letter = 5 + 25;
        string[] sentences = [.. Enumerable.Repeat("z z z z z z z z z z", Count)];
        SentenceBatches batches = new("z", sentences, Letters, maxTokens: 12, masksTokens: true);
        Masked masked = Fill(batches, [.. Enumerable.Range(0, Count)], new EpochDraws(new RandomFunction(1), 0), threads: 2);

        int[] places = new int[12];
        int drawn = 0, mask = 0, same = 0;
        int[] random = new int[Letters.Count];
        for (int i = 0; i < Count; i++)
        {
            foreach (int position in masked.Positions[i])
            {
                int token = masked.Tokens[i][position];
                (places[position], drawn) = (places[position] + 1, drawn + 1);
                (mask, same) = (mask + (token == Letters.MaskToken ? 1 : 0), same + (token == Letter ? 1 : 0));
                random[token]++;
            }
        }

        Assert.Equal(2 * Count, drawn);
        Assert.All(places[1..11], count => AssertNear(0.2, Count, count));
        double any = 0.1 / Letters.Count;
        AssertNear(0.8 + any, drawn, mask);
        AssertNear(0.1 + any, drawn, same);
        Assert.All(random.Where((_, token) => token is not (4 or Letter)), count => AssertNear(any, drawn, count));
    }

    [Fact]
    public void EpochsSeedsAndSentencesDifferAndEvaluationsDoNot()
    {
        SentenceBatches batches = new("letters", [Sentences[20], Sentences[20]], Letters, maxTokens: 22, masksTokens: true);
        string Drawn(EpochDraws? draws) => string.Join(' ', Fill(batches, [0], draws, threads: 1).Positions[0]);
        EpochDraws Draws(ulong seed, uint epoch) => new(new RandomFunction(seed), epoch);

        Assert.Equal(20, Enumerable.Range(0, 20).Select(epoch => Drawn(Draws(1, (uint)epoch))).Distinct().Count());
        Assert.Equal(20, Enumerable.Range(1, 20).Select(seed => Drawn(Draws((ulong)seed, 0))).Distinct().Count());
        Assert.Equal(Drawn(null), Drawn(null));
        Assert.Equal(Drawn(Draws(5, 2)), Drawn(Draws(5, 2)));
        int[][] positions = Fill(batches, [0, 1], Draws(1, 0), threads: 1).Positions;
        Assert.NotEqual(positions[0], positions[1]);
    }

    [Fact]
    public void AStepAllocatesNothingOnceItsSentencesAreTokens()
    {
        SentenceBatches batches = new("letters", Sentences, Letters, maxTokens: 22, views: 2, masksTokens: true);
        using ManagedThreadTeam team = new(1);
        using HostBatch batch = new(batches.Inputs, 8, Precision.Float32, team);
        EpochDraws draws = new(new RandomFunction(1), 0);
        int[] numbers = [3, 1, 9, 25];
        batches.Fill(batch.Inputs, numbers, draws);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
            batches.Fill(batch.Inputs, numbers, draws);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void TheDigestIsOfSentencesAndVocabulary()
    {
        using TemporaryFolder folder = new();
        string DigestOf(Vocabulary vocabulary, params string[] sentences) =>
            new SentenceBatches("x", sentences, vocabulary, 5).Digest;

        Assert.Equal(DigestOf(Letters, "a", "b"), DigestOf(Letters, "a", "b"));
        Assert.NotEqual(DigestOf(Letters, "a", "b"), DigestOf(Letters, "b", "a"));
        Assert.NotEqual(DigestOf(Letters, "a", "b"), DigestOf(SmallVocabulary.Of("a", "b"), "a", "b"));
        using SentenceFile file = new(folder.Make("s.txt", "a\nb\n"u8), TestContext.Current.CancellationToken);
        using SentenceFile other = new(folder.Make("t.txt", "a\nc\n"u8), TestContext.Current.CancellationToken);
        Assert.NotEqual(new SentenceBatches("x", file, Letters, 5).Digest, new SentenceBatches("x", other, Letters, 5).Digest);
    }

    [Fact]
    public void WhatDoesNotFitIsOneLine()
    {
        SentenceBatches batches = new("s.txt", Sentences, Letters, maxTokens: 5);
        BatchInput lengths = new("lengths", new Shape(), ElementKind.Label);
        BatchInput Tokens(int maxTokens, int count) => new("tokens", new Shape(maxTokens), ElementKind.Label, count);

        batches.CheckFit([Tokens(5, 31), lengths], "bert");
        void Throws(BatchInput needed, string complaint) =>
            OneLine.Throws(() => batches.CheckFit([needed, lengths], "bert"), complaint);
        Throws(Tokens(5, 30), "bert has embeddings of 30 tokens, the vocabulary of s.txt has 31");
        Throws(Tokens(6, 31), "bert takes tokens of labels [6], those of s.txt are labels [5]");
        Throws(new BatchInput("masked-tokens", new Shape(1), ElementKind.Label), "bert takes masked-tokens");
        OneLine.Throws(() => new SentenceBatches("s.txt", Sentences, Letters, maxTokens: 2), "at most 2 tokens");
    }

    private static Masked Fill(SentenceBatches batches, int[] numbers, EpochDraws? draws, int threads)
    {
        using ManagedThreadTeam team = new(threads);
        using HostBatch batch = new(batches.Inputs, numbers.Length, Precision.Float32, team);
        batches.Fill(batch.Inputs, numbers, draws);
        int[][] Rows(string name) => batches.Inputs.Any(input => input.Name == name)
            ? [.. batch.Read(name).Chunk(batch.Inputs[name].Length).Select(row => Array.ConvertAll(row, value => (int)value))]
            : [];
        return new Masked(Rows("tokens"), Rows("masked-positions"), Rows("masked-tokens"));
    }

    private static void AssertNear(double probability, int trials, int count) =>
        Assert.InRange(count - probability * trials, -5 * Math.Sqrt(trials * probability), 5 * Math.Sqrt(trials * probability));

    private sealed record Masked(int[][] Tokens, int[][] Positions, int[][] Originals);
}
