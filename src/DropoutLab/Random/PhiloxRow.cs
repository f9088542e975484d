using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace DropoutLab.Random;

/// <summary>
/// <see cref="Philox4x32"/> for many counters that differ in c0 alone, eight at a time. All that does not depend on c0 is
/// worked out once a row: half of the first two rounds, and the keys of the other eight.
/// </summary>
internal struct PhiloxRow
{
    private const int WholeRounds = Philox4x32.Rounds - 2;

    private RoundKeys keys;
    private readonly uint mask2;
    private readonly uint mask0;
    private readonly uint nextMask2;
    private readonly uint commonWord3;

    /// <summary>The row of counters (·, c1, c2, c3) under the key.</summary>
    public PhiloxRow(ulong key, uint c1, uint c2, uint c3)
    {
        (uint k0, uint k1) = ((uint)key, (uint)(key >> 32));

        // Round 1: c2 is common, hence so are the new c0 and c1.
        ulong product1 = (ulong)Philox4x32.Multiplier1 * c2;
        uint word0 = (uint)(product1 >> 32) ^ c1 ^ k0;
        mask2 = c3 ^ k1;

        // Round 2: of the two products only that of c0 is common.
        ulong product0 = (ulong)Philox4x32.Multiplier0 * word0;
        mask0 = (uint)product1 ^ (k0 + Philox4x32.Weyl0);
        nextMask2 = (uint)(product0 >> 32) ^ (k1 + Philox4x32.Weyl1);
        commonWord3 = (uint)product0;

        for (int round = 0; round < WholeRounds; round++)
        {
            keys[2 * round] = k0 + ((uint)round + 2) * Philox4x32.Weyl0;
            keys[2 * round + 1] = k1 + ((uint)round + 2) * Philox4x32.Weyl1;
        }
    }

    /// <summary>The words of the counters c0 = <paramref name="firstBlock"/> … <paramref name="firstBlock"/> + 7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void EightBlocks<TLanes>(
        uint firstBlock,
        out Vector256<uint> word0,
        out Vector256<uint> word1,
        out Vector256<uint> word2,
        out Vector256<uint> word3)
        where TLanes : struct, IPhiloxLanes<TLanes>
    {
        TLanes product0 = TLanes.Consecutive(firstBlock) * Philox4x32.Multiplier0;
        TLanes product1 = (product0.High ^ TLanes.Broadcast(mask2)) * Philox4x32.Multiplier1;
        TLanes c0 = product1.High ^ TLanes.Broadcast(mask0);
        TLanes c1 = product1;
        TLanes c2 = product0 ^ TLanes.Broadcast(nextMask2);
        TLanes c3 = TLanes.Broadcast(commonWord3);

        Round(ref c0, ref c1, ref c2, ref c3, TLanes.Broadcast(keys[0]), TLanes.Broadcast(keys[1]));
        Round(ref c0, ref c1, ref c2, ref c3, TLanes.Broadcast(keys[2]), TLanes.Broadcast(keys[3]));
        Round(ref c0, ref c1, ref c2, ref c3, TLanes.Broadcast(keys[4]), TLanes.Broadcast(keys[5]));
        Round(ref c0, ref c1, ref c2, ref c3, TLanes.Broadcast(keys[6]), TLanes.Broadcast(keys[7]));
        Round(ref c0, ref c1, ref c2, ref c3, TLanes.Broadcast(keys[8]), TLanes.Broadcast(keys[9]));
        Round(ref c0, ref c1, ref c2, ref c3, TLanes.Broadcast(keys[10]), TLanes.Broadcast(keys[11]));
        Round(ref c0, ref c1, ref c2, ref c3, TLanes.Broadcast(keys[12]), TLanes.Broadcast(keys[13]));
        Round(ref c0, ref c1, ref c2, ref c3, TLanes.Broadcast(keys[14]), TLanes.Broadcast(keys[15]));

        (word0, word1, word2, word3) = (c0.Words, c1.Words, c2.Words, c3.Words);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round<TLanes>(ref TLanes c0, ref TLanes c1, ref TLanes c2, ref TLanes c3, TLanes key0, TLanes key1)
        where TLanes : struct, IPhiloxLanes<TLanes>
    {
        TLanes product0 = c0 * Philox4x32.Multiplier0;
        TLanes product1 = c2 * Philox4x32.Multiplier1;
        c0 = c1 ^ key0 ^ product1.High;
        c2 = c3 ^ key1 ^ product0.High;
        c1 = product1;
        c3 = product0;
    }

    [InlineArray(2 * WholeRounds)]
    private struct RoundKeys
    {
        private uint first;
    }
}

/// <summary>
/// One word of eight Philox counters, each in its own 64-bit lane. Only the low half of a lane counts: a widening product
/// leaves its high half behind, and neither the next product nor an exclusive or below it reads that.
/// </summary>
internal interface IPhiloxLanes<TSelf> where TSelf : struct, IPhiloxLanes<TSelf>
{
    /// <summary>The same word in every lane.</summary>
    static abstract TSelf Broadcast(uint word);

    /// <summary>first, first + 1, …, first + 7.</summary>
    static abstract TSelf Consecutive(uint first);

    /// <summary>The 64-bit product of each lane's low half and the factor.</summary>
    static abstract TSelf operator *(TSelf lanes, uint factor);

    static abstract TSelf operator ^(TSelf left, TSelf right);

    /// <summary>Each lane's high half moved into its low half.</summary>
    TSelf High { get; }

    /// <summary>The low halves in the order of the counters.</summary>
    Vector256<uint> Words { get; }
}

/// <summary>
/// Eight lanes in two vectors of 256 bits, the even counters and the odd ones, so that one blend puts their words in order.
/// Compiles to AVX2; elsewhere .NET runs it as pairs of 128 bits.
/// </summary>
internal readonly struct PhiloxLanes256(Vector256<ulong> even, Vector256<ulong> odd) : IPhiloxLanes<PhiloxLanes256>
{
    private readonly Vector256<ulong> even = even;
    private readonly Vector256<ulong> odd = odd;

    public PhiloxLanes256 High
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(even >>> 32, odd >>> 32);
    }

    public Vector256<uint> Words
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Vector256<uint> low = even.AsUInt32();
            Vector256<uint> high = (odd << 32).AsUInt32();
            return Avx2.IsSupported
                ? Avx2.Blend(low, high, 0b1010_1010)
                : Vector256.ConditionalSelect(Vector256.Create((ulong)uint.MaxValue).AsUInt32(), low, high);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PhiloxLanes256 Broadcast(uint word)
    {
        Vector256<ulong> lanes = Vector256.Create(word).AsUInt64();
        return new(lanes, lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PhiloxLanes256 Consecutive(uint first)
    {
        Vector256<uint> start = Vector256.Create(first);
        return new(
            (start + Vector256.Create(0u, 0, 2, 0, 4, 0, 6, 0)).AsUInt64(),
            (start + Vector256.Create(1u, 0, 3, 0, 5, 0, 7, 0)).AsUInt64());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PhiloxLanes256 operator *(PhiloxLanes256 lanes, uint factor) =>
        new(MultiplyWidening(lanes.even, factor), MultiplyWidening(lanes.odd, factor));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PhiloxLanes256 operator ^(PhiloxLanes256 left, PhiloxLanes256 right) =>
        new(left.even ^ right.even, left.odd ^ right.odd);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<ulong> MultiplyWidening(Vector256<ulong> lanes, uint factor)
    {
        if (Avx2.IsSupported)
            return Avx2.Multiply(lanes.AsUInt32(), Vector256.Create(factor));
        if (AdvSimd.IsSupported)
        {
            return Vector256.Create(
                AdvSimd.MultiplyWideningLower(AdvSimd.ExtractNarrowingLower(lanes.GetLower()), Vector64.Create(factor)),
                AdvSimd.MultiplyWideningLower(AdvSimd.ExtractNarrowingLower(lanes.GetUpper()), Vector64.Create(factor)));
        }

        return (lanes & Vector256.Create((ulong)uint.MaxValue)) * factor;
    }
}

/// <summary>Eight lanes in one vector of 512 bits. Compiles to AVX-512; elsewhere it is as right and not as fast.</summary>
internal readonly struct PhiloxLanes512(Vector512<ulong> lanes) : IPhiloxLanes<PhiloxLanes512>
{
    private readonly Vector512<ulong> lanes = lanes;

    public PhiloxLanes512 High
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(lanes >>> 32);
    }

    public Vector256<uint> Words
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx512F.IsSupported
            ? Avx512F.ConvertToVector256UInt32(lanes)
            : Vector256.Narrow(lanes.GetLower(), lanes.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PhiloxLanes512 Broadcast(uint word) => new(Vector512.Create(word).AsUInt64());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PhiloxLanes512 Consecutive(uint first) =>
        new((Vector512.Create(first) + Vector512.Create(0u, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0)).AsUInt64());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PhiloxLanes512 operator *(PhiloxLanes512 lanes, uint factor) => Avx512F.IsSupported
        ? new(Avx512F.Multiply(lanes.lanes.AsUInt32(), Vector512.Create(factor)))
        : new(Vector512.Create(
            PhiloxLanes256.MultiplyWidening(lanes.lanes.GetLower(), factor),
            PhiloxLanes256.MultiplyWidening(lanes.lanes.GetUpper(), factor)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PhiloxLanes512 operator ^(PhiloxLanes512 left, PhiloxLanes512 right) => new(left.lanes ^ right.lanes);
}
