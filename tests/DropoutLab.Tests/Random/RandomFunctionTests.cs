using System.Runtime.Intrinsics;
using DropoutLab.Random;

namespace DropoutLab.Tests.Random;

/// <summary>
/// The pinned values were worked out apart from this code, from the documented mapping: a seed must keep its meaning.
/// </summary>
public sealed class RandomFunctionTests
{
    private static readonly RandomFunction Function = new(0x0123456789abcdef);

    [Fact]
    public void KeyAndCounterAreWhatTheDocumentationSays()
    {
        RandomStream stream = new(RandomPurpose.Augmentation, which: 5, layer: 0x1234);
        Assert.Equal(0x04051234u, stream.Word);
        Assert.Equal(
            Philox4x32.Block(0x0123456789abcdef, Vector128.Create(4u, 3, 2, 0x04051234)),
            Function.Block(stream, step: 2, datum: 3, block: 4));
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(256, 0)]
    [InlineData(0, -1)]
    [InlineData(0, 65536)]
    public void AStreamThatWouldRunIntoAnotherIsRefused(int which, int layer) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomStream(RandomPurpose.DropoutMask, which, layer));

    [Fact]
    public void PermutationIsPinned()
    {
        Assert.Equal([8, 0, 4, 5, 7, 6, 9, 3, 2, 1], Function.Permutation(10, epoch: 0));
        Assert.Equal([0, 1, 7, 3, 8, 9, 4, 5, 2, 6], Function.Permutation(10, epoch: 1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1001)]
    public void PermutationHoldsEveryIndexOnce(int count) =>
        Assert.Equal(Enumerable.Range(0, count), Function.Permutation(count, epoch: 9).Order());

    [Fact]
    public void EveryOrderOfFourIsAsLikely()
    {
        const int Epochs = 24_000;
        Dictionary<string, int> counts = Enumerable.Range(0, Epochs)
            .GroupBy(epoch => string.Concat(Function.Permutation(4, (uint)epoch)))
            .ToDictionary(orders => orders.Key, orders => orders.Count());

        Assert.Equal(24, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(Math.Abs(count - Epochs / 24.0), 0, 5 * Math.Sqrt(Epochs / 24.0)));
    }

    [Fact]
    public void BelowIsPinned() =>
        Assert.Equal(1, Function.Below(9, new RandomStream(RandomPurpose.Augmentation, which: 1), step: 2, datum: 3));

    [Fact]
    public void BelowDoesNotFavourSomeValues()
    {
        // 3 · 2²⁹ divides 2³² so badly that, were no word refused, a quarter of the values would be 2 modulo 3, not a third.
        const int Draws = 60_000;
        int[] counts = new int[3];
        for (int i = 0; i < Draws; i++)
            counts[Function.Below(3 << 29, new RandomStream(RandomPurpose.Augmentation), step: 0, (uint)i) % 3]++;

        double standardError = Math.Sqrt(Draws * (1 / 3.0) * (2 / 3.0));
        Assert.All(counts, count => Assert.InRange(Math.Abs(count - Draws / 3.0), 0, 5 * standardError));
    }

    [Fact]
    public void BelowReachesBothEnds()
    {
        RandomStream stream = new(RandomPurpose.Augmentation);
        HashSet<int> values = [.. Enumerable.Range(0, 200).Select(i => Function.Below(9, stream, step: 0, (uint)i))];
        Assert.Equal(Enumerable.Range(0, 9), values.Order());
        Assert.Throws<ArgumentOutOfRangeException>(() => Function.Below(0, stream, step: 0, datum: 0));
    }

    [Fact]
    public void UniformIsPinned() => Assert.Equal(
        0.7916937324104427, Function.Uniform(new RandomStream(RandomPurpose.Augmentation, which: 1), step: 2, datum: 3));

    [Fact]
    public void FillGaussianIsPinned()
    {
        float[] values = new float[3];
        Function.FillGaussian(values, layer: 7, standardDeviation: 0.01);
        double[] expected = [0.00013834082137643397, 0.014482718333307375, 0.004535551942279233];
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], values[i], Math.Abs(expected[i]) * 1e-7);
    }

    [Fact]
    public void FillGaussianHasTheMomentsOfTheNormalDistribution()
    {
        const int Count = 1 << 20;
        float[] values = new float[Count];
        Function.FillGaussian(values, layer: 0, standardDeviation: 2);

        double[] standard = [.. values.Select(value => value / 2.0)];
        AssertMoment(power: 1, mean: 0, variance: 1);
        AssertMoment(power: 2, mean: 1, variance: 2);
        AssertMoment(power: 3, mean: 0, variance: 15);
        AssertMoment(power: 4, mean: 3, variance: 96);

        void AssertMoment(int power, double mean, double variance)
        {
            double standardError = Math.Sqrt(variance / Count);
            Assert.InRange(standard.Average(z => Math.Pow(z, power)) - mean, -5 * standardError, 5 * standardError);
        }
    }

    [Fact]
    public void FillUniformIsPinned()
    {
        float[] values = new float[6];
        Function.FillUniform(values, layer: 7, minimum: -1, maximum: 1);
        Assert.Equal(-0.7575727617368102f, values[0]);
        Assert.Equal(-0.2993131158873439f, values[1]);
        Assert.Equal(0.37425150349736214f, values[5]);
    }

    [Fact]
    public void FillUniformIsEven()
    {
        const int Count = 1 << 20;
        float[] values = new float[Count];
        Function.FillUniform(values, layer: 0, minimum: -3, maximum: 5);

        Assert.InRange(values.Min(), -3f, -2.999f);
        Assert.InRange(values.Max(), 4.999f, 5f);
        double standardError = 8 / Math.Sqrt(12.0 * Count);
        Assert.InRange(values.Average(value => (double)value) - 1, -5 * standardError, 5 * standardError);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(101)]
    public void AnElementDependsOnItsIndexAlone(int count)
    {
        float[] all = new float[200];
        float[] some = new float[count];

        Function.FillGaussian(all, layer: 1, standardDeviation: 1);
        Function.FillGaussian(some, layer: 1, standardDeviation: 1);
        Assert.Equal(all[..count], some);

        Function.FillUniform(all, layer: 1, minimum: 0, maximum: 1);
        Function.FillUniform(some, layer: 1, minimum: 0, maximum: 1);
        Assert.Equal(all[..count], some);
    }
}
