using System.Runtime.Intrinsics;

namespace DropoutLab.Random;

/// <summary>
/// Randomness as a pure function of where it is used: nothing depends on what was drawn before, on threads, or on how a batch
/// is cut, and resuming needs no state. It is <see cref="Philox4x32"/> with
/// <code>
/// key      k0 = low 32 bits of the seed, k1 = its high 32 bits
/// counter  c0 = block within the datum's row
///          c1 = datum, the row's index within the minibatch
///          c2 = step (or epoch)
///          c3 = purpose · 2²⁴ + which · 2¹⁶ + layer     (<see cref="RandomStream"/>)
/// </code>
/// A block is four 32-bit words.
/// </summary>
/// <param name="Seed">Any 64 bits.</param>
public readonly record struct RandomFunction(ulong Seed)
{
    private const double UnitOf32Bits = 1.0 / (1UL << 32);
    private const double UnitOf53Bits = 1.0 / (1UL << 53);

    /// <summary>The four words of one block.</summary>
    public Vector128<uint> Block(RandomStream stream, uint step, uint datum, uint block) =>
        Philox4x32.Block(Seed, Vector128.Create(block, datum, step, stream.Word));

    /// <summary>One number, uniform on the multiples of 2⁻⁵³ in [0, 1).</summary>
    public double Uniform(RandomStream stream, uint step, uint datum) =>
        High53(Block(stream, step, datum, block: 0).AsUInt64()[0]) * UnitOf53Bits;

    /// <summary>One integer, each of 0 … <paramref name="bound"/> − 1 exactly as likely.</summary>
    /// <remarks>
    /// Source: Lemire, "Fast Random Integer Generation in an Interval", 2019. The words of blocks 0, 1, … are tried in turn.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The bound is not positive.</exception>
    public int Below(int bound, RandomStream stream, uint step, uint datum)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        uint range = (uint)bound;
        uint unfair = (uint)((1UL << 32) % range);
        for (uint block = 0; ; block++)
        {
            Vector128<uint> words = Block(stream, step, datum, block);
            for (int i = 0; i < Vector128<uint>.Count; i++)
            {
                ulong product = (ulong)words[i] * range;
                if ((uint)product >= unfair)
                    return (int)(product >> 32);
            }
        }
    }

    /// <summary>
    /// The indices 0 … <paramref name="count"/> − 1 in the order of an epoch, every order as likely (Fisher, Yates).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public int[] Permutation(int count, uint epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        int[] order = new int[count];
        for (int i = 0; i < count; i++)
            order[i] = i;

        RandomStream shuffle = new(RandomPurpose.Shuffle);
        for (int i = count - 1; i > 0; i--)
        {
            int other = Below(i + 1, shuffle, epoch, (uint)i);
            (order[i], order[other]) = (order[other], order[i]);
        }

        return order;
    }

    /// <summary>
    /// Fills an array of initial weights with independent normal numbers of mean 0. Element i depends on the seed, the array's
    /// number within the network's parameters (as <paramref name="layer"/>) and i alone.
    /// </summary>
    /// <remarks>
    /// Source: Box, Muller, "A Note on the Generation of Random Normal Deviates", 1958, worked in double. Block b gives
    /// elements 2b and 2b + 1: √(−2 ln u) cos 2πv and √(−2 ln u) sin 2πv, u in (0, 1] and v in [0, 1) of 53 bits each.
    /// </remarks>
    public void FillGaussian(Span<float> destination, int layer, double standardDeviation)
    {
        RandomStream stream = new(RandomPurpose.Initialisation, layer: layer);
        for (int i = 0; i < destination.Length; i += 2)
        {
            Vector128<ulong> words = Block(stream, step: 0, datum: 0, (uint)i / 2).AsUInt64();
            double radius = standardDeviation * Math.Sqrt(-2 * Math.Log((High53(words[0]) + 1) * UnitOf53Bits));
            (double sine, double cosine) = Math.SinCos(Math.Tau * (High53(words[1]) * UnitOf53Bits));
            destination[i] = (float)(radius * cosine);
            if (i + 1 < destination.Length)
                destination[i + 1] = (float)(radius * sine);
        }
    }

    /// <summary>
    /// Fills an array of initial weights, numbered as in <see cref="FillGaussian"/>, with independent numbers, uniform from
    /// minimum to maximum (either end may come out, by rounding to float). Element i is word i mod 4 of block ⌊i / 4⌋.
    /// </summary>
    public void FillUniform(Span<float> destination, int layer, double minimum, double maximum)
    {
        RandomStream stream = new(RandomPurpose.Initialisation, layer: layer);
        for (int i = 0; i < destination.Length; i++)
        {
            uint word = Block(stream, step: 0, datum: 0, (uint)i / 4)[i % 4];
            destination[i] = (float)(minimum + (maximum - minimum) * (word * UnitOf32Bits));
        }
    }

    private static double High53(ulong bits) => bits >> 11;
}

/// <summary>The name under which something draws: what for, which of several draws, and in which layer.</summary>
public readonly record struct RandomStream
{
    /// <param name="purpose">What the numbers are for.</param>
    /// <param name="which">0 to 255: which of a layer's masks, or which property of an image.</param>
    /// <param name="layer">0 to 65535.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number does not fit.</exception>
    public RandomStream(RandomPurpose purpose, int which = 0, int layer = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)purpose, byte.MaxValue, nameof(purpose));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)which, byte.MaxValue, nameof(which));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)layer, ushort.MaxValue, nameof(layer));
        Word = (uint)purpose << 24 | (uint)which << 16 | (uint)layer;
    }

    /// <summary>Counter word c3: purpose · 2²⁴ + which · 2¹⁶ + layer.</summary>
    public uint Word { get; }
}

/// <summary>
/// What a random number is for. Two purposes never share a draw. The values are part of what a seed means: keep
/// them. 1 is nothing's.
/// </summary>
public enum RandomPurpose
{
    /// <summary>The digits that decide whether a feature is dropped.</summary>
    DropoutMask = 0,

    /// <summary>The order of the data in an epoch.</summary>
    Shuffle = 2,

    /// <summary>Initial weights.</summary>
    Initialisation = 3,

    /// <summary>Crops and flips of images.</summary>
    Augmentation = 4,

    /// <summary>Images and labels where there are none.</summary>
    MadeUpData = 5,

    /// <summary>Which tokens of a sentence are masked, and how.</summary>
    MaskedTokens = 6,
}
