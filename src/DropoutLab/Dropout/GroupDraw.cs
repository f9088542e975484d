using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DropoutLab.Random;

namespace DropoutLab.Dropout;

/// <summary>Draws the mask of one datum, 256 features at a time: digit by digit, until all of them are decided.</summary>
internal struct GroupDraw<TLanes> where TLanes : struct, IPhiloxLanes<TLanes>
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
                out Vector256<uint> digit0, out Vector256<uint> digit1, out Vector256<uint> digit2, out Vector256<uint> digit3);
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
