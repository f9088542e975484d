using System.Numerics;
using DropoutLab.Dropout;

namespace DropoutLab.Tests.Dropout;

public sealed class MaskStatisticsTests
{
    private const int Features = 1 << 20;

    [Theory]
    [InlineData(0.5, 4)]
    [InlineData(0.1, 4)]
    [InlineData(0.005, 8)]
    [InlineData(0.0001, 64)]
    [InlineData(1.0 / (1 << 17), 64)]
    public void TheDropFrequencyIsTheRatio(double dropProbability, int data)
    {
        MaskBits mask = MaskBits.Draw(new MaskStream(2, 0, 0, 0, dropProbability), data, Features);
        double draws = (double)data * Features;
        double standardError = Math.Sqrt(draws * dropProbability * (1 - dropProbability));
        Assert.InRange(Dropped(mask) - draws * dropProbability, -5 * standardError, 5 * standardError);
    }

    [Fact]
    public void ARatioOfZeroDropsNothing() =>
        Assert.Equal(0, Dropped(MaskBits.Draw(new MaskStream(2, 0, 0, 0, 0), rows: 4, Features)));

    [Fact]
    public void AlmostOneIsStillARatio() =>
        Assert.Equal(Features, Dropped(MaskBits.Draw(new MaskStream(2, 0, 0, 0, Math.BitDecrement(1.0)), rows: 1, Features)));

    /// <summary>The stream (seed 2, layer 3, mask 0, step 5) of datum 7 against those that differ in one thing.</summary>
    public static TheoryData<string, ulong, int, int, uint, uint> Others => new()
    {
        { "datum", 2, 3, 0, 5, 8 },
        { "layer", 2, 4, 0, 5, 7 },
        { "mask", 2, 3, 1, 5, 7 },
        { "step", 2, 3, 0, 6, 7 },
        { "seed", 3, 3, 0, 5, 7 },
        { "high half of the seed", 2 + (1UL << 32), 3, 0, 5, 7 },
        { "step and layer changed round", 2, 5, 0, 3, 7 },
        { "step and datum changed round", 2, 3, 0, 7, 5 },
    };

    [Theory, MemberData(nameof(Others))]
    public void MasksOfDifferentNamesAreIndependent(string what, ulong seed, int layer, int which, uint step, uint datum)
    {
        Assert.NotEmpty(what);
        foreach (double dropProbability in (double[])[0.5, 0.1])
        {
            ulong[] one = Bits(new MaskStream(2, 3, 0, 5, dropProbability), datum: 7);
            ulong[] other = Bits(new MaskStream(seed, layer, which, step, dropProbability), datum);
            AssertIndependent(one, dropProbability, other, dropProbability);
        }
    }

    [Fact]
    public void TheTwoMasksOfAugmentedDropoutAreIndependent() => AssertIndependent(
        Bits(new MaskStream(2, 3, 0, 5, 0.3), datum: 7), 0.3, Bits(new MaskStream(2, 3, 1, 5, 0.005), datum: 7), 0.005);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(64)]
    [InlineData(128)]
    [InlineData(256)]
    public void FeaturesAreIndependent(int distance)
    {
        foreach (double dropProbability in (double[])[0.5, 0.3, 0.1])
        {
            ulong[] bits = Bits(new MaskStream(2, 3, 0, 5, dropProbability), datum: 7);
            ulong[] shifted = new ulong[bits.Length];
            for (int i = 0; i < bits.Length; i++)
            {
                ulong low = bits[(i + distance / 64) % bits.Length];
                ulong high = bits[(i + distance / 64 + 1) % bits.Length];
                shifted[i] = distance % 64 == 0 ? low : low >> distance | high << (64 - distance);
            }

            AssertIndependent(bits, dropProbability, shifted, dropProbability);
        }
    }

    private static ulong[] Bits(in MaskStream stream, uint datum) =>
        MaskBits.Draw(stream, rows: 1, Features, firstDatum: datum).Words.ToArray();

    private static long Dropped(MaskBits mask)
    {
        long kept = 0;
        foreach (ulong word in mask.Words)
            kept += BitOperations.PopCount(word);
        return (long)mask.Rows * mask.Features - kept;
    }

    /// <summary>The sample correlation of two independent masks of n features has mean 0 and standard error 1 / √n.</summary>
    private static void AssertIndependent(ulong[] one, double dropOne, ulong[] other, double dropOther)
    {
        long bothDropped = 0, droppedOne = 0, droppedOther = 0;
        for (int i = 0; i < one.Length; i++)
        {
            bothDropped += BitOperations.PopCount(~one[i] & ~other[i]);
            droppedOne += BitOperations.PopCount(~one[i]);
            droppedOther += BitOperations.PopCount(~other[i]);
        }

        double covariance = (bothDropped - droppedOne * dropOther - droppedOther * dropOne) / Features + dropOne * dropOther;
        double correlation = covariance / Math.Sqrt(dropOne * (1 - dropOne) * dropOther * (1 - dropOther));
        Assert.InRange(correlation, -5 / Math.Sqrt(Features), 5 / Math.Sqrt(Features));
    }
}
