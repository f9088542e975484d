using System.Runtime.Intrinsics;
using DropoutLab.Random;

namespace DropoutLab.Tests.Random;

public sealed class Philox4x32Tests
{
    /// <summary>Known answers of the generator's authors.</summary>
    public static TheoryData<ulong, uint[], uint[]> KnownAnswers => new()
    {
        { 0, [0, 0, 0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
        { ulong.MaxValue, [~0u, ~0u, ~0u, ~0u], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd] },
        {
            0x299f31d0_a4093822, [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
            [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]
        },
    };

    [Theory, MemberData(nameof(KnownAnswers))]
    public void BlockGivesTheKnownAnswers(ulong key, uint[] counter, uint[] words) =>
        Assert.Equal(Vector128.Create(words), Philox4x32.Block(key, Vector128.Create(counter)));

    [Theory, MemberData(nameof(KnownAnswers))]
    public void ARowGivesTheKnownAnswers(ulong key, uint[] counter, uint[] words)
    {
        PhiloxRow row = new(key, counter[1], counter[2], counter[3]);
        Assert.Equal(words, WordsOf<PhiloxLanes256>(row, counter[0], lane: 0));
        Assert.Equal(words, WordsOf<PhiloxLanes512>(row, counter[0], lane: 0));
    }

    [Fact]
    public void ARowIsEightConsecutiveBlocks()
    {
        System.Random random = new(1);
        for (int trial = 0; trial < 100; trial++)
        {
            ulong key = (ulong)random.NextInt64();
            (uint c0, uint c1, uint c2, uint c3) = (Next(random), Next(random), Next(random), Next(random));
            PhiloxRow row = new(key, c1, c2, c3);
            for (int lane = 0; lane < 8; lane++)
            {
                Vector128<uint> expected = Philox4x32.Block(key, Vector128.Create(c0 + (uint)lane, c1, c2, c3));
                Assert.Equal(expected, Vector128.Create(WordsOf<PhiloxLanes256>(row, c0, lane)));
                Assert.Equal(expected, Vector128.Create(WordsOf<PhiloxLanes512>(row, c0, lane)));
            }
        }
    }

    private static uint Next(System.Random random) => (uint)random.NextInt64(1L << 32);

    private static uint[] WordsOf<TLanes>(in PhiloxRow row, uint firstBlock, int lane) where TLanes : struct, IPhiloxLanes<TLanes>
    {
        row.EightBlocks<TLanes>(firstBlock, out var word0, out var word1, out var word2, out var word3);
        return [word0[lane], word1[lane], word2[lane], word3[lane]];
    }
}
