using System.Numerics;
using System.Runtime.Intrinsics;
using DropoutLab.Random;

namespace DropoutLab.Dropout;

/// <summary>
/// A mask of one dropout site over all steps, before it is drawn: a pure function of seed, step, datum and feature.
/// </summary>
/// <param name="Layer">
/// The number of the site within its network, in the order in which the network declares its weight layers; for masks that a
/// network draws itself any that no site has.
/// </param>
/// <param name="Which">0 for a site's first mask, 1 for the second mask of augmented dropout.</param>
/// <param name="DropProbability">P(ε = 0), by step.</param>
/// <param name="Sharing">Which elements share a draw.</param>
public sealed record MaskSource(int Layer, int Which, RatioSchedule DropProbability, MaskSharing Sharing)
{
    /// <summary>The draws of a step.</summary>
    public MaskStream Stream(ulong seed, uint step) => new(seed, Layer, Which, step, DropProbability.At(step));
}

/// <summary>
/// The draws of one mask in one step, as a pure function of (seed, layer, which mask, step, datum, feature); true keeps the
/// feature.
/// <code>
/// drop  ⇔  U &lt; T,     T = min(round(2³² · DropProbability), 2³² − 1)
/// </code>
/// U is a random number of 32 binary digits, so P(drop) = T / 2³², within 2⁻³² of the ratio. Digits are compared from the highest
/// on, and one in which U and T differ decides: of a few hundred features hardly one needs more than twelve, and none needs
/// digits behind the last 1 of T. At a ratio of 1/2 the first one decides.
/// </summary>
/// <remarks>
/// A block's four words are four digits of 32 features: digit i of feature f, from the highest on, is bit f mod 32 of word i mod
/// 4 of block 2²⁶ ⌊i / 4⌋ + ⌊f / 32⌋. A word of eight consecutive blocks is then one digit of 256 features in the order of
/// memory.
/// </remarks>
public readonly record struct MaskStream
{
    /// <summary>Of U and T.</summary>
    internal const int Digits = 32;

    /// <summary>Of each of its features, in a block.</summary>
    internal const int DigitsOfBlock = 4;

    private const int FeaturesOfBlock = 32;
    private const int PlaceOfDigits = 26;

    private readonly RandomStream draws;

    /// <param name="seed">Any 64 bits.</param>
    /// <param name="layer">0 to 65535.</param>
    /// <param name="which">0 for a rule's first mask, 1 for its second.</param>
    /// <param name="step">The training step.</param>
    /// <param name="dropProbability">In [0, 1).</param>
    /// <exception cref="DropoutLabException">The probability is not in [0, 1).</exception>
    /// <exception cref="ArgumentOutOfRangeException">The layer or the mask's number does not fit.</exception>
    public MaskStream(ulong seed, int layer, int which, uint step, double dropProbability)
    {
        DropProbability = DropoutRule.Ratio(dropProbability);
        Function = new RandomFunction(seed);
        Step = step;
        draws = new RandomStream(RandomPurpose.DropoutMask, which, layer);
        Threshold = (uint)Math.Min(Math.Round(DropProbability * 4294967296.0), uint.MaxValue);
    }

    /// <summary>The seed's random function.</summary>
    public RandomFunction Function { get; }

    /// <summary>The training step.</summary>
    public uint Step { get; }

    /// <summary>P(drop), as asked for.</summary>
    public double DropProbability { get; }

    /// <summary>1 / (1 − DropProbability): what a kept feature is multiplied by, so that its mean stays.</summary>
    public double Scale => 1 / (1 - DropProbability);

    /// <summary>T.</summary>
    internal uint Threshold { get; }

    /// <summary>The blocks of a feature up to the last digit that is 1 in T: what the others hold changes nothing.</summary>
    internal int BlocksNeeded => (Digits - BitOperations.TrailingZeroCount(Threshold) + DigitsOfBlock - 1) / DigitsOfBlock;

    /// <summary>Whether the mask keeps this feature of this datum: the definition that every kernel is held against.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The feature is negative.</exception>
    public bool Keeps(uint datum, int feature) => Number(datum, feature) >= Threshold;

    /// <summary>U.</summary>
    internal uint Number(uint datum, int feature)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(feature);
        uint number = 0;
        for (int quad = 0; quad < Digits / DigitsOfBlock; quad++)
        {
            Vector128<uint> block = Function.Block(draws, Step, datum, FirstBlock(quad) + (uint)feature / FeaturesOfBlock);
            for (int word = 0; word < DigitsOfBlock; word++)
                number = number << 1 | block[word] >> feature % FeaturesOfBlock & 1;
        }

        return number;
    }

    /// <summary>The block of feature 0 that holds the digits from 4 <paramref name="quad"/> on.</summary>
    internal static uint FirstBlock(int quad) => (uint)quad << PlaceOfDigits;

    /// <summary>The counters of one datum, for kernels.</summary>
    internal PhiloxRow Row(uint datum) => new(Function.Seed, datum, Step, draws.Word);
}

/// <summary>
/// The bits of a mask over a minibatch: one row a datum, one bit a feature, 1 for kept. Drawn ones are those of
/// <see cref="MaskStream.Keeps"/>, hence the same that training uses under the same names.
/// </summary>
public sealed class MaskBits
{
    private readonly ulong[] words;
    private readonly int wordsPerRow;

    private MaskBits(int rows, int features)
    {
        Rows = rows;
        Features = features;
        wordsPerRow = MaskKernels.WordsPerRow(features);
        words = new ulong[checked(rows * wordsPerRow)];
    }

    /// <summary>The number of data.</summary>
    public int Rows { get; }

    /// <summary>The number of features of a datum.</summary>
    public int Features { get; }

    /// <summary>
    /// The bits, [rows × ⌈features / 64⌉]: feature f of a row at bit f mod 64 of its word ⌊f / 64⌋, 0 beyond the last feature.
    /// </summary>
    public ReadOnlySpan<ulong> Words => words;

    /// <summary>Whether a feature is kept.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row or feature.</exception>
    public bool this[int row, int feature]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)feature, (uint)Features, nameof(feature));
            return (words[row * wordsPerRow + feature / 64] >> (feature % 64) & 1) != 0;
        }
    }

    /// <summary>Draws a mask.</summary>
    /// <param name="stream">Which mask: seed, layer, number, step and ratio.</param>
    /// <param name="rows">The number of data.</param>
    /// <param name="features">The number of features of a datum.</param>
    /// <param name="sharing">Per datum if left out.</param>
    /// <param name="firstDatum">The index of row 0 in its minibatch: not 0 where this is a part of one.</param>
    /// <inheritdoc cref="Draw(in MaskStream, ReadOnlySpan{int}, MaskSharing?, uint)" path="/exception"/>
    public static MaskBits Draw(in MaskStream stream, int rows, int features, MaskSharing? sharing = null, uint firstDatum = 0) =>
        Draw(stream, [rows, features], sharing, firstDatum);

    /// <summary>Draws the mask of an input with several axes.</summary>
    /// <param name="stream">Which mask: seed, layer, number, step and ratio.</param>
    /// <param name="shape">The input's axes, the batch first; the features are the rest in row-major order.</param>
    /// <param name="sharing">Per datum if left out.</param>
    /// <param name="firstDatum">The index of row 0 in its minibatch: not 0 where this is a part of one.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or there is none.</exception>
    /// <exception cref="DropoutLabException">The sharing does not fit the shape.</exception>
    public static unsafe MaskBits Draw(
        in MaskStream stream, ReadOnlySpan<int> shape, MaskSharing? sharing = null, uint firstDatum = 0)
    {
        ArgumentOutOfRangeException.ThrowIfZero(shape.Length, nameof(shape));
        foreach (int length in shape)
            ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(shape));
        MaskPattern pattern = new(sharing ?? MaskSharing.PerDatum, shape);
        MaskBits mask = new(shape[0], pattern.Features);
        fixed (ulong* bits = mask.words)
        {
            for (int row = 0; row < mask.Rows; row++)
                pattern.DrawRow(stream, firstDatum + (uint)row, bits + row * mask.wordsPerRow);
        }

        return mask;
    }
}
