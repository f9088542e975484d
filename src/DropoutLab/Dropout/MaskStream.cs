using System.Runtime.Intrinsics;
using DropoutLab.Random;

namespace DropoutLab.Dropout;

/// <summary>
/// One dropout mask as a pure function of (seed, layer, which mask, step, datum, feature); true keeps the feature.
/// <code>
/// drop  ⇔  u &lt; ⌊T / 2¹⁶⌋, or u = ⌊T / 2¹⁶⌋ and v &lt; T mod 2¹⁶,     T = round(2³² · DropProbability)
/// </code>
/// u and v are 16 random bits each, of the purposes <see cref="RandomPurpose.DropoutMask"/> and
/// <see cref="RandomPurpose.MaskTie"/>. So P(drop) = T / 2³², within 2⁻³² of the ratio, and v is needed only on a tie, once
/// in 65,536 features.
/// </summary>
/// <remarks>
/// Feature f takes its 16 bits from block 8 ⌊f / 64⌋ + (⌊f / 2⌋ mod 8), word ⌊f / 16⌋ mod 4, the low half where f is even and
/// the high half where it is odd: eight blocks side by side, word by word, are then 64 features in the order of memory.
/// </remarks>
public readonly record struct MaskStream
{
    private readonly RandomStream draws;
    private readonly RandomStream ties;

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
        ties = new RandomStream(RandomPurpose.MaskTie, which, layer);

        uint threshold = (uint)Math.Min(Math.Round(DropProbability * 4294967296.0), uint.MaxValue);
        Threshold = (ushort)(threshold >> 16);
        TieThreshold = (ushort)threshold;
    }

    /// <summary>The seed's random function.</summary>
    public RandomFunction Function { get; }

    /// <summary>The training step.</summary>
    public uint Step { get; }

    /// <summary>P(drop), as asked for.</summary>
    public double DropProbability { get; }

    /// <summary>1 / (1 − DropProbability): what a kept feature is multiplied by, so that its mean stays.</summary>
    public double Scale => 1 / (1 - DropProbability);

    /// <summary>⌊T / 2¹⁶⌋: a first draw below it drops, above it keeps.</summary>
    internal ushort Threshold { get; }

    /// <summary>T mod 2¹⁶: on a tie, a second draw below it drops.</summary>
    internal ushort TieThreshold { get; }

    /// <summary>Whether the mask keeps this feature of this datum: the definition that every kernel is held against.</summary>
    public bool Keeps(uint datum, int feature)
    {
        uint draw = Draw(draws, datum, feature);
        return draw == Threshold ? KeepsTie(datum, feature) : draw > Threshold;
    }

    /// <summary>Whether the second draw of a feature, whose first equals the threshold, keeps it.</summary>
    internal bool KeepsTie(uint datum, int feature) => Draw(ties, datum, feature) >= TieThreshold;

    /// <summary>Whether the first draw of this feature equals the threshold.</summary>
    internal bool IsTie(uint datum, int feature) => Draw(draws, datum, feature) == Threshold;

    /// <summary>The first draws' counters of one datum, for kernels.</summary>
    internal PhiloxRow Row(uint datum) => new(Function.Seed, datum, Step, draws.Word);

    /// <summary>The first draws' block, for kernels.</summary>
    internal Vector128<uint> Block(uint datum, uint block) => Function.Block(draws, Step, datum, block);

    private uint Draw(RandomStream stream, uint datum, int feature)
    {
        int lane = feature / 2 % 8;
        int word = feature / 16 % 4;
        uint block = (uint)(feature / 64 * 8 + lane);
        uint bits = Function.Block(stream, Step, datum, block)[word];
        return feature % 2 == 0 ? bits & 0xFFFF : bits >> 16;
    }
}
