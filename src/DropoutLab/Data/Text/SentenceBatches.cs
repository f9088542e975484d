using System.IO.Hashing;
using System.Text;
using DropoutLab.Backends;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Random;

namespace DropoutLab.Data.Text;

/// <summary>
/// Sentences as inputs: the tokens of each, [CLS] … [SEP] and 0 up to L, and how many they are. A sentence is cut into tokens
/// once, when it is first asked for, on the threads of the batch, and kept where that takes 1 GB at most. Fills
/// <see cref="Bert.Tokens"/> and <see cref="Bert.Lengths"/>, and where tokens are masked <see cref="Bert.MaskedPositions"/> and
/// <see cref="MaskedTokens.TargetTokens"/>: [M] of each, −1 where there are fewer.
/// </summary>
public sealed class SentenceBatches : BatchSource
{
    private readonly IReadOnlyList<string> sentences;
    private readonly Vocabulary vocabulary;
    private readonly int maxTokens;
    private readonly TokenMask? mask;
    private readonly TokenRows rows;
    private readonly Lazy<string> digest;
    private readonly Action<int, int, int> body;
    private Scratch[] scratch = [];
    private PlanInput? tokens, lengths, maskedPositions, maskedTokens;
    private ReadOnlyMemory<int> numbers;
    private EpochDraws draws;

    /// <param name="name">What the set is called in messages.</param>
    /// <param name="sentences">The sentences, such as a <see cref="SentenceFile"/>.</param>
    /// <param name="vocabulary">What cuts them into tokens.</param>
    /// <param name="maxTokens">L, the tokens of the longest sentence, [CLS] and [SEP] among them; what is longer is cut.</param>
    /// <param name="views">How many places of a batch each sentence takes.</param>
    /// <param name="masksTokens">Whether tokens are masked, to be told by the network: <see cref="TokenMask"/>.</param>
    /// <exception cref="DropoutLabException">There is no room for a token beside [CLS] and [SEP].</exception>
    public SentenceBatches(
        string name, IReadOnlyList<string> sentences, Vocabulary vocabulary, int maxTokens, int views = 1,
        bool masksTokens = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(views);
        if (maxTokens < 3)
            throw new DropoutLabException($"at most {maxTokens} tokens are [CLS] and [SEP] alone: 3 are needed at least");
        (Name, this.sentences, this.vocabulary, this.maxTokens, Views) = (name, sentences, vocabulary, maxTokens, views);
        mask = masksTokens ? new TokenMask(vocabulary) : null;
        (rows, body) = (new TokenRows(sentences, vocabulary, maxTokens), Write);
        digest = new Lazy<string>(DigestOf);
        Shape masked = new(TokenMask.CountOf(maxTokens));
        BatchInput[] targets =
            [new(Bert.MaskedPositions, masked, ElementKind.Label), new(MaskedTokens.TargetTokens, masked, ElementKind.Label)];
        Inputs =
        [
            new(Bert.Tokens, new Shape(maxTokens), ElementKind.Label, vocabulary.Count),
            new(Bert.Lengths, new Shape(), ElementKind.Label),
            .. masksTokens ? targets : [],
        ];
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override string Unit => "sentences";

    /// <inheritdoc/>
    public override int Count => sentences.Count;

    /// <inheritdoc/>
    public override IReadOnlyList<BatchInput> Inputs { get; }

    /// <inheritdoc/>
    public override int Views { get; }

    /// <inheritdoc/>
    public override string Digest => digest.Value;

    /// <inheritdoc/>
    public override void CheckFit(IReadOnlyList<BatchInput> needed, string reader)
    {
        if (needed.FirstOrDefault(input => input.Name == Bert.Tokens)?.LabelCount is { } known && known < vocabulary.Count)
        {
            throw new DropoutLabException(
                $"{reader} has embeddings of {known} tokens, the vocabulary of {Name} has {vocabulary.Count}: "
                + "take the one that it was made with");
        }

        base.CheckFit(needed, reader);
    }

    /// <inheritdoc/>
    /// <remarks>Without draws, the same tokens are masked each time.</remarks>
    public override void Fill(BatchInputs batch, ReadOnlyMemory<int> numbers, EpochDraws? draws)
    {
        if (scratch.Length < batch.ThreadCount)
            scratch = [.. Enumerable.Range(0, batch.ThreadCount).Select(_ => new Scratch(maxTokens))];
        (tokens, lengths) = (batch[Bert.Tokens], batch[Bert.Lengths]);
        maskedPositions = mask is not null && batch.Has(Bert.MaskedPositions) ? batch[Bert.MaskedPositions] : null;
        maskedTokens = mask is not null && batch.Has(MaskedTokens.TargetTokens) ? batch[MaskedTokens.TargetTokens] : null;
        (this.numbers, this.draws) = (numbers, draws ?? new EpochDraws(new RandomFunction(0), 0));
        batch.ForEach(numbers.Length, body);
    }

    private void Write(int begin, int end, int thread)
    {
        Scratch mine = scratch[thread];
        for (int place = begin; place < end; place++)
        {
            int number = numbers.Span[place], length = rows.Read(number, mine.Tokens);
            mask?.Apply(mine.Tokens.AsSpan(0, length), draws, (uint)number, mine.Positions, mine.Originals, mine.Places);
            for (int view = 0; view < Views; view++)
            {
                int at = place * Views + view;
                tokens!.Write(at, mine.Tokens);
                lengths!.Write(at, length);
                maskedPositions?.Write(at, mine.Positions);
                maskedTokens?.Write(at, mine.Originals);
            }
        }
    }

    private string DigestOf()
    {
        XxHash128 hash = new();
        hash.Append(Encoding.UTF8.GetBytes(vocabulary.Digest));
        if (sentences is SentenceFile file)
        {
            hash.Append(Encoding.UTF8.GetBytes(file.Digest));
        }
        else
        {
            foreach (string sentence in sentences)
                hash.Append(Encoding.UTF8.GetBytes($"{sentence}\n"));
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private sealed class Scratch(int maxTokens)
    {
        public int[] Tokens { get; } = new int[maxTokens];

        public int[] Places { get; } = new int[maxTokens];

        public int[] Positions { get; } = new int[TokenMask.CountOf(maxTokens)];

        public int[] Originals { get; } = new int[TokenMask.CountOf(maxTokens)];
    }

    /// <summary>The tokens of sentences, L for each, in memory as far as there is room for all.</summary>
    private sealed class TokenRows
    {
        private const long MostKept = 1 << 28; // of 4 bytes each

        private readonly IReadOnlyList<string> sentences;
        private readonly Vocabulary vocabulary;
        private readonly int maxTokens;
        private readonly int[] kept = [], lengths = []; // a length of 0: not cut yet

        public TokenRows(IReadOnlyList<string> sentences, Vocabulary vocabulary, int maxTokens)
        {
            (this.sentences, this.vocabulary, this.maxTokens) = (sentences, vocabulary, maxTokens);
            if ((long)sentences.Count * maxTokens <= MostKept)
                (kept, lengths) = (new int[sentences.Count * maxTokens], new int[sentences.Count]);
        }

        /// <returns>How many tokens the sentence has.</returns>
        public int Read(int number, Span<int> tokens)
        {
            if (lengths.Length == 0)
                return vocabulary.Encode(sentences[number], tokens);
            Span<int> row = kept.AsSpan(number * maxTokens, maxTokens);
            int length = Volatile.Read(ref lengths[number]);
            if (length == 0) // Two threads may both write it, the same.
                Volatile.Write(ref lengths[number], length = vocabulary.Encode(sentences[number], row));
            row.CopyTo(tokens);
            return length;
        }
    }
}

/// <summary>
/// BERT's masked tokens: of t tokens, max(1, round(0.15 (t − 2))) between [CLS] and [SEP], none twice, are to be told. 80% of
/// them become [MASK], 10% any token, 10% stay as they are.
/// </summary>
/// <remarks>
/// What is drawn is a function of the seed, the epoch and the sentence's number alone; halves are rounded to even.
/// Source: Devlin, Chang, Lee, Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
/// 2018, section 3.1 and appendix A.1.
/// </remarks>
/// <param name="vocabulary">Whose tokens they are.</param>
public sealed class TokenMask(Vocabulary vocabulary)
{
    private const double MaskedPart = 0.15;
    private const int PlaceDraw = 0, KindDraw = 1, TokenDraw = 2;

    /// <summary>How many tokens of a sentence are masked, or M where the sentence is the longest.</summary>
    /// <param name="tokens">t, or L, with [CLS] and [SEP].</param>
    public static int CountOf(int tokens) => tokens <= 2 ? 0 : Math.Max(1, (int)Math.Round(MaskedPart * (tokens - 2)));

    /// <summary>Masks tokens of a sentence, and tells which.</summary>
    /// <param name="tokens">The sentence's, [CLS] … [SEP].</param>
    /// <param name="draws">What is drawn from.</param>
    /// <param name="number">The sentence's number.</param>
    /// <param name="positions">The places of the masked ones, in the order in which they are drawn, and −1 after them.</param>
    /// <param name="originals">The tokens that were there, and −1 after them.</param>
    /// <param name="places">Room for as many numbers as there are tokens.</param>
    public void Apply(Span<int> tokens, EpochDraws draws, uint number, Span<int> positions, Span<int> originals, Span<int> places)
    {
        positions.Fill(-1);
        originals.Fill(-1);
        int candidates = tokens.Length - 2;
        for (int i = 0; i < candidates; i++)
            places[i] = i + 1;
        for (int k = 0; k < CountOf(tokens.Length); k++)
        {
            int Below(int bound, int which) =>
                draws.Random.Below(bound, new RandomStream(RandomPurpose.MaskedTokens, which, k), draws.Epoch, number);
            int chosen = k + Below(candidates - k, PlaceDraw);
            (places[k], places[chosen]) = (places[chosen], places[k]);
            (positions[k], originals[k]) = (places[k], tokens[places[k]]);
            tokens[places[k]] = Below(10, KindDraw) switch
            {
                < 8 => vocabulary.MaskToken,
                8 => Below(vocabulary.Count, TokenDraw),
                _ => tokens[places[k]],
            };
        }
    }
}
