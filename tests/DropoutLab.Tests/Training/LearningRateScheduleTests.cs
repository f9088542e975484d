using DropoutLab.Optimization;

namespace DropoutLab.Tests.Training;

public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData(0, 0.001)]
    [InlineData(3999, 0.001)]
    [InlineData(4000, 0.0001)]
    [InlineData(4999, 0.0001)]
    public void TheQuickScheduleDropsAfterFourFifths(long step, double rate) =>
        Assert.Equal(rate, StepDecay.Quick.At(0.001, step, 5000), 1e-12);

    [Theory]
    [InlineData(31_999, 0.1)]
    [InlineData(32_000, 0.01)]
    [InlineData(47_999, 0.01)]
    [InlineData(48_000, 0.001)]
    [InlineData(63_999, 0.001)]
    public void EachDropMultiplies(long step, double rate) =>
        Assert.Equal(rate, new StepDecay([0.5, 0.75], 0.1).At(0.1, step, 64_000), 1e-12);

    /// <summary>A run of a step or two has the base rate in its first.</summary>
    [Theory]
    [InlineData(1, new[] { 0.1 })]
    [InlineData(2, new[] { 0.1, 0.01 })]
    public void TheFirstStepHasTheBaseRate(int steps, double[] rates) =>
        Assert.Equal(
            rates, Enumerable.Range(0, steps).Select(step => Math.Round(new StepDecay([0.4], 0.1).At(0.1, step, steps), 12)));

    /// <summary>Of 12 steps the first 4 go up from a tenth of the base rate; the other 8 go down by an eighth each.</summary>
    [Theory]
    [InlineData(0, 0.04)]
    [InlineData(1, 0.13)]
    [InlineData(3, 0.31)]
    [InlineData(4, 0.4)]
    [InlineData(5, 0.35)]
    [InlineData(11, 0.05)]
    public void OneCycleGoesUpAndDownOnLines(long step, double rate) =>
        Assert.Equal(rate, new OneCycle(WarmUp: 1.0 / 3, StartDivisor: 10).At(0.4, step, 12), 1e-12);

    [Fact]
    public void WithoutAWarmUpOneCycleBeginsAtTheBaseRate() =>
        Assert.Equal(
            [0.4, 0.3, 0.2, 0.1], new long[] { 0, 1, 2, 3 }.Select(step => Math.Round(new OneCycle(0, 10).At(0.4, step, 4), 12)));
}
