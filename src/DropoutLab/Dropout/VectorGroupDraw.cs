using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DropoutLab.Random;

namespace DropoutLab.Dropout;

/// <summary>Eight blocks at a time: their words are 64 draws of 16 bits in the order of the features.</summary>
internal struct VectorGroupDraw<TLanes> : IGroupDraw<VectorGroupDraw<TLanes>> where TLanes : struct, IPhiloxLanes<TLanes>
{
    private PhiloxRow row;
    private MaskStream stream;
    private uint datum;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorGroupDraw<TLanes> Row(in MaskStream stream, uint datum) =>
        new() { row = stream.Row(datum), stream = stream, datum = datum };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Group(int group)
    {
        row.EightBlocks<TLanes>((uint)group * 8, out Vector256<uint> word0, out Vector256<uint> word1, out Vector256<uint> word2, out Vector256<uint> word3);
        Vector256<ushort> threshold = Vector256.Create(stream.Threshold);
        ulong keep = Bits(
            AtLeast(word0.AsUInt16(), threshold), AtLeast(word1.AsUInt16(), threshold),
            AtLeast(word2.AsUInt16(), threshold), AtLeast(word3.AsUInt16(), threshold));
        if (stream.TieThreshold == 0)
            return keep;

        Vector256<ushort> tie0 = Vector256.Equals(word0.AsUInt16(), threshold);
        Vector256<ushort> tie1 = Vector256.Equals(word1.AsUInt16(), threshold);
        Vector256<ushort> tie2 = Vector256.Equals(word2.AsUInt16(), threshold);
        Vector256<ushort> tie3 = Vector256.Equals(word3.AsUInt16(), threshold);
        return (tie0 | tie1 | tie2 | tie3) == Vector256<ushort>.Zero
            ? keep
            : WithoutDroppedTies(keep, Bits(tie0, tie1, tie2, tie3), group);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> AtLeast(Vector256<ushort> draws, Vector256<ushort> threshold) =>
        Vector256.Equals(Vector256.Max(draws, threshold), draws);

    /// <summary>64 lanes, all ones or all zeros, as 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Bits(
        Vector256<ushort> lanes0, Vector256<ushort> lanes1, Vector256<ushort> lanes2, Vector256<ushort> lanes3)
    {
        Vector256<sbyte> low = Vector256.NarrowWithSaturation(lanes0.AsInt16(), lanes1.AsInt16());
        Vector256<sbyte> high = Vector256.NarrowWithSaturation(lanes2.AsInt16(), lanes3.AsInt16());
        return low.ExtractMostSignificantBits() | (ulong)high.ExtractMostSignificantBits() << 32;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly ulong WithoutDroppedTies(ulong keep, ulong ties, int group)
    {
        for (; ties != 0; ties &= ties - 1)
        {
            int bit = BitOperations.TrailingZeroCount(ties);
            if (!stream.KeepsTie(datum, 64 * group + bit))
                keep &= ~(1UL << bit);
        }

        return keep;
    }
}
