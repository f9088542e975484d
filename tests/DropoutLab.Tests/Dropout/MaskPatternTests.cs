using DropoutLab.Dropout;

namespace DropoutLab.Tests.Dropout;

/// <summary>Shared bits written by words against the definition, bit by bit.</summary>
public sealed unsafe class MaskPatternTests
{
    private const ulong Guard = 0xA5A5_A5A5_A5A5_A5A5;

    private static readonly int[] Lengths = [1, 2, 3, 5, 7, 16, 31, 32, 33, 63, 64, 65, 100, 130];

    [Fact]
    public void RandomShapesAndSharingsHaveTheBitsOfTheDefinition()
    {
        System.Random random = new(20);
        for (int i = 0; i < 3000; i++)
        {
            int[] shape = [random.Next(1, 4), .. Axes(random, random.Next(1, 5))];
            AssertBits(Sharing(random, shape), shape, new MaskStream((ulong)i, layer: 3, which: 1, step: 9, random.NextDouble()));
        }
    }

    [Theory]
    [InlineData("per-datum")]
    [InlineData("pair")]
    [InlineData("per-minibatch")]
    [InlineData("channel")]
    [InlineData("shape:*,1,1,1")]
    [InlineData("shape:1,*,1,1")]
    [InlineData("shape:*,1,*,1")]
    [InlineData("shape:*,*,1,*")]
    public void FeatureMapsHaveTheBitsOfTheDefinition(string sharing)
    {
        MaskStream stream = new(seed: 5, layer: 2, which: 0, step: 1, dropProbability: 0.3);
        foreach (int channels in (int[])[1, 3, 10, 16, 32, 64, 96, 130])
            AssertBits(MaskSharing.Parse(sharing), [2, 9, 17, channels], stream);
    }

    /// <summary>A row that is drawn in several parts, as its draws do not fit the buffer.</summary>
    [Fact]
    public void LongRowsHaveTheBitsOfTheDefinition()
    {
        MaskStream stream = new(seed: 5, layer: 2, which: 0, step: 1, dropProbability: 0.3);
        AssertBits(MaskSharing.Parse("shape:*,1,*"), [1, 2, 70 * 64 * 3 + 5], stream);
        AssertBits(MaskSharing.Parse("shape:*,*,1"), [1, 70 * 64 * 3 + 5, 3], stream);
        AssertBits(MaskSharing.Parse("shape:*,*,1,*"), [1, 301, 2, 33], stream);
    }

    [Fact]
    public void BitsAreDepositedAlikeWithAndWithoutTheInstruction()
    {
        System.Random random = new(4);
        for (int i = 0; i < 1000; i++)
        {
            ulong bits = (ulong)random.NextInt64() << random.Next(2), mask = (ulong)random.NextInt64() << random.Next(2);
            ulong expected = 0;
            for (int place = 0, next = 0; place < 64; place++)
            {
                if ((mask >> place & 1) != 0)
                    expected |= (bits >> next++ & 1) << place;
            }

            Assert.Equal(expected, BitWriter.Deposited(bits, mask));
            Assert.Equal(expected, BitWriter.DepositedOneByOne(bits, mask));
        }
    }

    [Fact]
    public void DrawsOfADatumAreCountedOverTheAxesThatAreNotShared()
    {
        int[] shape = [4, 2, 3, 5];
        Assert.Equal(23, MaskSharing.PerDatum.DrawnFeature(shape, 23));
        Assert.Equal(3, MaskSharing.Channel.DrawnFeature(shape, 23));
        Assert.Equal(1 * 5 + 3, MaskSharing.Shape(null, null, 1, null).DrawnFeature(shape, 23));
        Assert.Equal(1 * 3 + 1, MaskSharing.Shape(null, 2, 3, 1).DrawnFeature(shape, 23));
        Assert.Equal(0, MaskSharing.Shape(null, 1, 1, 1).DrawnFeature(shape, 23));
    }

    private static void AssertBits(MaskSharing sharing, int[] shape, MaskStream stream)
    {
        MaskPattern pattern = new(sharing, shape);
        string what = $"{sharing} on [{string.Join(", ", shape)}]";
        for (uint datum = 0; datum < shape[0]; datum++)
        {
            ulong[] expected = NaiveSharing.Bits(stream, sharing, shape, datum);
            ulong[] drawn = [Guard, .. Enumerable.Repeat(Guard, expected.Length), Guard];
            fixed (ulong* bits = drawn)
                pattern.DrawRow(stream, datum, bits + 1);
            Assert.Equal((Guard, Guard), (drawn[0], drawn[^1]));
            Assert.True(expected.AsSpan().SequenceEqual(drawn.AsSpan(1, expected.Length)), what);
            for (int feature = 0; feature < pattern.Features; feature += 11)
            {
                (uint Datum, int Draw) own = (sharing.DrawnDatum(datum), sharing.DrawnFeature(shape, feature));
                Assert.True(NaiveSharing.DrawOf(sharing, shape, datum, feature) == own, what);
            }
        }
    }

    private static int[] Axes(System.Random random, int rank)
    {
        int[] axes;
        do
            axes = [.. Enumerable.Range(0, rank).Select(_ => Lengths[random.Next(Lengths.Length)])];
        while (axes.Aggregate(1L, (product, length) => product * length) > 5000);
        return axes;
    }

    private static MaskSharing Sharing(System.Random random, int[] shape) => MaskSharing.Shape(
        [.. shape.Select(length => random.Next(3) switch { 0 => 1, 1 => length, _ => (int?)null })]);
}
