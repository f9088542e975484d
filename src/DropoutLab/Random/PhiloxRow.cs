using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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
