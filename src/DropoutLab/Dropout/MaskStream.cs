using System.Numerics;
using System.Runtime.Intrinsics;
using DropoutLab.Random;

namespace DropoutLab.Dropout;

/// <summary>
/// One dropout mask as a pure function of (seed, layer, which mask, step, datum, feature); true keeps the feature.
/// <code>
/// drop  ⇔  U &lt; T,     T = min(round(2³² · DropProbability), 2³² − 1)
/// </code>
/// U is a random number of 32 binary digits, so P(drop) = T / 2³², within 2⁻³² of the ratio. Digits are compared from the highest on,
/// and one in which U and T differ decides: of a few hundred features hardly one needs more than twelve, and none needs digits
/// behind the last 1 of T. At a ratio of 1/2 the first one decides.
/// </summary>
/// <remarks>
/// A block's four words are four digits of 32 features: digit i of feature f, from the highest on, is bit f mod 32 of word i mod 4
/// of block 2²⁶ ⌊i / 4⌋ + ⌊f / 32⌋. A word of eight consecutive blocks is then one digit of 256 features in the order of memory.
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
