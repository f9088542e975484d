using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using DropoutLab.Random;

namespace DropoutLab.Dropout;

/// <summary>
/// Mask bits and masked products of one row: the features of one datum, dense. A row's bits are whole 64-bit words
/// (<see cref="WordsPerRow"/>), feature f at bit f mod 64 of word ⌊f / 64⌋, 1 for kept, 0 beyond the last feature. Pointers need
/// no alignment beyond their type's, and nothing outside the row is read or written: what is drawn or multiplied at once and
/// reaches beyond it is worked on in a copy.
/// </summary>
/// <remarks>
/// Each loop is compiled by itself, in full and at once. Inlined into its caller it would run into the compiler's limit on
/// inlining, and the vectors would travel through memory: several times slower.
/// </remarks>
internal static unsafe class MaskKernels
{
    /// <summary>The 64-bit words that are drawn at once.</summary>
    public const int WordsOfGroup = 4;

    private const int FeaturesOfWord = 64;
    private const int CacheLineBytes = 64;
    private const MethodImplOptions ByItself = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

    /// <summary>The 64-bit words that hold the mask bits of one row.</summary>
    public static int WordsPerRow(int features) => (int)(((uint)features + 63) / 64);

    /// <summary>Draws the mask bits of one datum.</summary>
    public static void DrawRow(in MaskStream stream, uint datum, ulong* bits, int features)
    {
        int words = WordsPerRow(features);
        DrawGroups(stream, datum, firstGroup: 0, bits, words);
        if (features % 64 != 0)
            bits[words - 1] &= BitWriter.Ones(features % 64);
    }

    /// <summary>Draws whole words out of the mask bits of one datum, from the first of a group on.</summary>
    public static void DrawGroups(in MaskStream stream, uint datum, int firstGroup, ulong* bits, int words)
    {
        if (Vector512.IsHardwareAccelerated)
            Draw<PhiloxLanes512>(stream, datum, firstGroup, bits, words);
        else
            Draw<PhiloxLanes256>(stream, datum, firstGroup, bits, words);
    }

    /// <summary>destination[f] = kept ? source[f] · scale : +0. The two may be one array.</summary>
    public static void MultiplyRow(ulong* bits, float* source, float* destination, int features, float scale) =>
        Multiply<MaskedFloat, float>(bits, source, destination, features, scale);

    /// <summary>The same in bfloat16, the product rounded to nearest even.</summary>
    public static void MultiplyRow(ulong* bits, ushort* source, ushort* destination, int features, float scale) =>
        Multiply<MaskedBFloat16, ushort>(bits, source, destination, features, scale);

    /// <summary>
    /// <see cref="DrawRow"/> and a product in one pass, which hides most of the draw behind the memory's pace: in float, out of
    /// cache, it takes about as long as copying.
    /// </summary>
    public static void DrawMultiplyRow(
        in MaskStream stream, uint datum, ulong* bits, float* source, float* destination, int features, float scale) =>
        DrawMultiplyRow<MaskedFloat, float>(stream, datum, bits, source, destination, features, scale);

    /// <summary>The same in bfloat16.</summary>
    public static void DrawMultiplyRow(
        in MaskStream stream, uint datum, ulong* bits, ushort* source, ushort* destination, int features, float scale) =>
        DrawMultiplyRow<MaskedBFloat16, ushort>(stream, datum, bits, source, destination, features, scale);

    private static void DrawMultiplyRow<TMasked, TElement>(
        in MaskStream stream, uint datum, ulong* bits, TElement* source, TElement* destination, int features, float scale)
        where TMasked : struct, IMaskedElement<TElement>
        where TElement : unmanaged
    {
        if (Vector512.IsHardwareAccelerated)
            DrawMultiply<PhiloxLanes512, TMasked, TElement>(stream, datum, bits, source, destination, features, scale);
        else
            DrawMultiply<PhiloxLanes256, TMasked, TElement>(stream, datum, bits, source, destination, features, scale);
    }

    /// <summary>The bits of bytes: 0 where a byte is 0, else 1.</summary>
    public static void PackRow(byte* keep, ulong* bits, int features)
    {
        int wholeWords = features / FeaturesOfWord;
        for (int word = 0; word < wholeWords; word++)
            bits[word] = Pack(keep + word * FeaturesOfWord);

        if (wholeWords * FeaturesOfWord < features)
        {
            byte* bytes = stackalloc byte[FeaturesOfWord];
            Span<byte> tail = new(bytes, FeaturesOfWord);
            tail.Clear();
            new ReadOnlySpan<byte>(keep + wholeWords * FeaturesOfWord, features % FeaturesOfWord).CopyTo(tail);
            bits[wholeWords] = Pack(bytes);
        }

        static ulong Pack(byte* bytes)
        {
            uint low = Vector256.Equals(Vector256.Load(bytes), Vector256<byte>.Zero).ExtractMostSignificantBits();
            uint high = Vector256.Equals(Vector256.Load(bytes + 32), Vector256<byte>.Zero).ExtractMostSignificantBits();
            return ~((ulong)high << 32 | low);
        }
    }

    [MethodImpl(ByItself)]
    internal static void Draw<TLanes>(in MaskStream stream, uint datum, int firstGroup, ulong* bits, int words)
        where TLanes : struct, IPhiloxLanes<TLanes>
    {
        GroupDraw<TLanes> draw = new(stream, datum);
        for (int word = 0; word < words; word += WordsOfGroup)
            Store(draw.Group(firstGroup + word / WordsOfGroup), bits + word, words - word);
    }

    [MethodImpl(ByItself)]
    internal static void Multiply<TMasked, TElement>(
        ulong* bits, TElement* source, TElement* destination, int features, float scale)
        where TMasked : struct, IMaskedElement<TElement>
        where TElement : unmanaged
    {
        int wholeWords = features / FeaturesOfWord;
        for (int word = 0; word < wholeWords; word++)
            TMasked.MultiplyGroup(bits[word], source + word * FeaturesOfWord, destination + word * FeaturesOfWord, scale);

        if (wholeWords * FeaturesOfWord < features)
            MultiplyTail<TMasked, TElement>(bits[wholeWords], source, destination, features, scale);
    }

    [MethodImpl(ByItself)]
    internal static void DrawMultiply<TLanes, TMasked, TElement>(
        in MaskStream stream, uint datum, ulong* bits, TElement* source, TElement* destination, int features, float scale)
        where TLanes : struct, IPhiloxLanes<TLanes>
        where TMasked : struct, IMaskedElement<TElement>
        where TElement : unmanaged
    {
        GroupDraw<TLanes> draw = new(stream, datum);
        int words = WordsPerRow(features);
        int wholeWords = features / FeaturesOfWord;
        for (int word = 0; word < words; word++)
        {
            if (word % WordsOfGroup == 0)
            {
                Fetch(source + word * FeaturesOfWord, WordsOfGroup * FeaturesOfWord);
                Store(draw.Group(word / WordsOfGroup), bits + word, words - word);
            }

            if (word < wholeWords)
                TMasked.MultiplyGroup(bits[word], source + word * FeaturesOfWord, destination + word * FeaturesOfWord, scale);
        }

        if (wholeWords < words)
        {
            bits[wholeWords] &= BitWriter.Ones(features % FeaturesOfWord);
            MultiplyTail<TMasked, TElement>(bits[wholeWords], source, destination, features, scale);
        }
    }

    /// <summary>
    /// Has the memory bring what is multiplied next, while the group is drawn. Measured out of cache: a fifth less time.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch<TElement>(TElement* elements, int count) where TElement : unmanaged
    {
        if (!Sse.IsSupported)
            return;
        for (int i = 0; i < count; i += CacheLineBytes / sizeof(TElement))
            Sse.Prefetch0(elements + i);
    }

    /// <summary>Stores the first words of a group, as many as there is room for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<ulong> group, ulong* bits, int room)
    {
        if (room >= Vector256<ulong>.Count)
            group.Store(bits);
        else
            StoreFirst(group, bits, room);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StoreFirst(Vector256<ulong> group, ulong* bits, int count)
    {
        for (int i = 0; i < count; i++)
            bits[i] = group[i];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MultiplyTail<TMasked, TElement>(
        ulong keep, TElement* source, TElement* destination, int features, float scale)
        where TMasked : struct, IMaskedElement<TElement>
        where TElement : unmanaged
    {
        TElement* group = stackalloc TElement[FeaturesOfWord];
        int done = features / FeaturesOfWord * FeaturesOfWord;
        Span<TElement> tail = new(group, features - done);
        new ReadOnlySpan<TElement>(source + done, tail.Length).CopyTo(tail);
        TMasked.MultiplyGroup(keep, group, group, scale);
        tail.CopyTo(new Span<TElement>(destination + done, tail.Length));
    }

    /// <summary>Draws the mask of one datum, 256 features at a time: digit by digit, until all of them are decided.</summary>
    private struct GroupDraw<TLanes> where TLanes : struct, IPhiloxLanes<TLanes>
    {
        private const int BlocksOfGroup = 8;

        private readonly PhiloxRow row;
        private readonly int blocksNeeded;
        private DigitsOfThreshold zeros;

        /// <param name="stream">Whose draws.</param>
        /// <param name="datum">Of which datum.</param>
        public GroupDraw(in MaskStream stream, uint datum)
        {
            row = stream.Row(datum);
            blocksNeeded = stream.BlocksNeeded;
            for (int i = 0; i < MaskStream.DigitsOfBlock * blocksNeeded; i++)
                zeros[i] = stream.Threshold << i >> 31 == 0 ? uint.MaxValue : 0;
        }

        /// <summary>Bit i, from bit 0 of the first lane on, says whether feature 256 · group + i is kept.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly Vector256<ulong> Group(int group)
        {
            Vector256<uint> keep = Vector256<uint>.Zero, undecided = Vector256<uint>.AllBitsSet;
            for (int i = 0; i < blocksNeeded && undecided != Vector256<uint>.Zero; i++)
            {
                row.EightBlocks<TLanes>(
                    MaskStream.FirstBlock(i) + (uint)(group * BlocksOfGroup),
                    out Vector256<uint> digit0, out Vector256<uint> digit1,
                out Vector256<uint> digit2, out Vector256<uint> digit3);
                Decide(digit0, zeros[MaskStream.DigitsOfBlock * i], ref keep, ref undecided);
                Decide(digit1, zeros[MaskStream.DigitsOfBlock * i + 1], ref keep, ref undecided);
                Decide(digit2, zeros[MaskStream.DigitsOfBlock * i + 2], ref keep, ref undecided);
                Decide(digit3, zeros[MaskStream.DigitsOfBlock * i + 3], ref keep, ref undecided);
            }

            return (keep | undecided).AsUInt64();
        }

        /// <summary>A 1 where the threshold has a 0 keeps, a 0 where it has a 1 drops; equal digits leave it open.</summary>
        /// <param name="digit">Of 256 features.</param>
        /// <param name="zero">All ones where the threshold's digit is 0, else 0.</param>
        /// <param name="keep">The features that are kept.</param>
        /// <param name="undecided">The features whose digits so far are the threshold's.</param>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Decide(Vector256<uint> digit, uint zero, ref Vector256<uint> keep, ref Vector256<uint> undecided)
        {
            Vector256<uint> zeroes = Vector256.Create(zero);
            keep |= undecided & digit & zeroes;
            undecided &= digit ^ zeroes;
        }

        [InlineArray(MaskStream.Digits)]
        private struct DigitsOfThreshold
        {
            private uint first;
        }
    }
}

/// <summary>How elements of a type are multiplied by a scaled mask, 64 at a time.</summary>
/// <typeparam name="TElement">The type they are stored as.</typeparam>
internal unsafe interface IMaskedElement<TElement> where TElement : unmanaged
{
    /// <summary>destination[i] = bit i of keep ? source[i] · scale : +0, i = 0 … 63. The two may be one array.</summary>
    static abstract void MultiplyGroup(ulong keep, TElement* source, TElement* destination, float scale);
}

/// <summary>Elements in float.</summary>
internal unsafe struct MaskedFloat : IMaskedElement<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyGroup(ulong keep, float* source, float* destination, float scale)
    {
        MultiplyHalf((uint)keep, source, destination, scale);
        MultiplyHalf((uint)(keep >> 32), source + 32, destination + 32, scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyHalf(uint keep, float* source, float* destination, float scale)
    {
        Vector256<uint> bits = Vector256.Create(keep);
        Vector256<uint> bitOfLane = Vector256.Create(1u, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7);
        MultiplyOctet(bits, bitOfLane, source, destination, scale);
        MultiplyOctet(bits, bitOfLane << 8, source + 8, destination + 8, scale);
        MultiplyOctet(bits, bitOfLane << 16, source + 16, destination + 16, scale);
        MultiplyOctet(bits, bitOfLane << 24, source + 24, destination + 24, scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyOctet(
        Vector256<uint> bits, Vector256<uint> bitOfLane, float* source, float* destination, float scale)
    {
        Vector256<float> keep = Vector256.Equals(bits & bitOfLane, bitOfLane).AsSingle();
        Vector256.Store(keep & (Vector256.Load(source) * scale), destination);
    }
}

/// <summary>Elements in bfloat16, the high half of a float; the product is worked in float and rounded to nearest even.</summary>
internal unsafe struct MaskedBFloat16 : IMaskedElement<ushort>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyGroup(ulong keep, ushort* source, ushort* destination, float scale)
    {
        for (int i = 0; i < 64; i += 16)
            MultiplySixteen((ushort)(keep >> i), source + i, destination + i, scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplySixteen(ushort keep, ushort* source, ushort* destination, float scale)
    {
        Vector256<ushort> bitOfLane = Vector256.Create(
            1, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7,
            1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, (ushort)(1u << 15));
        Vector256<ushort> kept = Vector256.Equals(Vector256.Create(keep) & bitOfLane, bitOfLane);

        Vector256<uint> pairs = Vector256.Load(source).AsUInt32();
        Vector256<uint> highHalves = Vector256.Create(0xFFFF_0000u);
        // A NaN stays one without a test: its payload came from a bfloat16, so its low half is zero and nothing carries.
        Vector256<uint> even = BFloat16.Rounded((pairs << 16).AsSingle() * scale) >>> 16;
        Vector256<uint> odd = BFloat16.Rounded((pairs & highHalves).AsSingle() * scale) & highHalves;
        Vector256.Store(kept & (even | odd).AsUInt16(), destination);
    }
}
