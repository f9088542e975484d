using System.Runtime.Intrinsics;

namespace DropoutLab.Dropout;

/// <summary>One block at a time, for processors without vectors.</summary>
internal readonly struct ScalarGroupDraw(MaskStream stream, uint datum) : IGroupDraw<ScalarGroupDraw>
{
    private const int Lanes = 8;
    private readonly MaskStream stream = stream;
    private readonly uint datum = datum;

    public static ScalarGroupDraw Row(in MaskStream stream, uint datum) => new(stream, datum);

    public ulong Group(int group)
    {
        ulong keep = 0;
        for (int lane = 0; lane < Lanes; lane++)
        {
            Vector128<uint> block = stream.Block(datum, (uint)(group * Lanes + lane));
            for (int word = 0; word < Vector128<uint>.Count; word++)
            {
                int bit = 16 * word + 2 * lane;
                keep |= Keeps(block[word] & 0xFFFF, 64 * group + bit) << bit;
                keep |= Keeps(block[word] >> 16, 64 * group + bit + 1) << (bit + 1);
            }
        }

        return keep;
    }

    private ulong Keeps(uint draw, int feature)
    {
        bool keeps = draw == stream.Threshold ? stream.KeepsTie(datum, feature) : draw > stream.Threshold;
        return keeps ? 1UL : 0UL;
    }
}
