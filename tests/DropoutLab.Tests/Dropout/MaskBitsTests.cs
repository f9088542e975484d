using DropoutLab.Dropout;

namespace DropoutLab.Tests.Dropout;

public sealed class MaskBitsTests
{
    private const ulong Seed = 0x0123456789abcdef;

    /// <summary>Worked out apart from this code, from the documented mapping.</summary>
    [Theory]
    [InlineData(3, 0, 17u, 0.3, 5u, 0, 0x733FBFBF9FBFCEDF)]
    [InlineData(3, 1, 17u, 0.3, 5u, 4, 0xA79FB6B679E7FFDF)]
    [InlineData(65535, 255, uint.MaxValue, 0.5, uint.MaxValue, 1, 0x857D92DAC9119D8B)]
    public void BitsArePinned(int layer, int which, uint step, double dropProbability, uint datum, int word, ulong bits)
    {
        MaskStream stream = new(Seed, layer, which, step, dropProbability);
        MaskBits mask = MaskBits.Draw(stream, rows: 1, features: 320, firstDatum: datum);
        Assert.Equal(bits, mask.Words[word]);
    }

    [Fact]
    public void ElementsAreTheDefinition()
    {
        MaskStream stream = new(Seed, layer: 1, which: 0, step: 2, dropProbability: 0.4);
        MaskBits mask = MaskBits.Draw(stream, rows: 5, features: 77);
        Assert.Equal(10, mask.Words.Length);
        for (int row = 0; row < 5; row++)
        {
            for (int feature = 0; feature < 77; feature++)
                Assert.Equal(stream.Keeps((uint)row, feature), mask[row, feature]);
        }
    }

    [Theory]
    [InlineData("per-datum")]
    [InlineData("pair")]
    [InlineData("per-minibatch")]
    public void ABatchCutInTwoHasTheSameMask(string sharing)
    {
        MaskStream stream = new(Seed, layer: 1, which: 0, step: 2, dropProbability: 0.4);
        MaskSharing shared = MaskSharing.Parse(sharing);
        MaskBits whole = MaskBits.Draw(stream, rows: 9, features: 100, shared);
        MaskBits first = MaskBits.Draw(stream, rows: 4, features: 100, shared);
        MaskBits second = MaskBits.Draw(stream, rows: 5, features: 100, shared, firstDatum: 4);
        Assert.Equal(whole.Words, [.. first.Words, .. second.Words]);
    }

    [Fact]
    public void DataShareAMaskOnlyPerMinibatch()
    {
        MaskStream stream = new(Seed, layer: 1, which: 0, step: 2, dropProbability: 0.4);
        ReadOnlySpan<ulong> own = MaskBits.Draw(stream, rows: 3, features: 64).Words;
        ReadOnlySpan<ulong> common = MaskBits.Draw(stream, rows: 3, features: 64, MaskSharing.PerMinibatch).Words;
        Assert.Equal(3, own.ToArray().Distinct().Count());
        Assert.Equal([own[0], own[0], own[0]], common);
    }

    [Fact]
    public void AChannelOfAnImageIsDroppedWhole()
    {
        MaskStream stream = new(Seed, layer: 1, which: 0, step: 2, dropProbability: 0.4);
        MaskBits mask = MaskBits.Draw(stream, [2, 3, 4, 5], MaskSharing.Channel);
        Assert.Equal((2, 60), (mask.Rows, mask.Features));
        for (int row = 0; row < 2; row++)
        {
            for (int feature = 0; feature < 60; feature++)
                Assert.Equal(stream.Keeps((uint)row, feature % 5), mask[row, feature]);
        }
    }

    [Fact]
    public void ThreadsMakeNoDifference()
    {
        MaskStream stream = new(Seed, layer: 1, which: 0, step: 2, dropProbability: 0.4);
        MaskBits inTurn = MaskBits.Draw(stream, rows: 64, features: 100);
        MaskBits[] atOnce = new MaskBits[64];
        Parallel.For(0, 64, row => atOnce[row] = MaskBits.Draw(stream, rows: 1, features: 100, firstDatum: (uint)row));
        Assert.Equal(inTurn.Words, [.. atOnce.SelectMany(mask => mask.Words.ToArray())]);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(2, 0)]
    [InlineData(0, -1)]
    [InlineData(0, 10)]
    public void WhatIsOutsideTheMaskIsRefused(int row, int feature)
    {
        MaskBits mask = MaskBits.Draw(new MaskStream(1, 0, 0, 0, 0.5), rows: 2, features: 10);
        Assert.Throws<ArgumentOutOfRangeException>(() => mask[row, feature]);
    }
}
