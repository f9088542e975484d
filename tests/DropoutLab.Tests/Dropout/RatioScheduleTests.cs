using DropoutLab.Dropout;

namespace DropoutLab.Tests.Dropout;

public sealed class RatioScheduleTests
{
    [Fact]
    public void AConstantIsTheNumberAtEveryStep()
    {
        RatioSchedule schedule = 0.3;
        Assert.Equal(RatioSchedule.Constant(0.3), schedule);
        Assert.All((uint[])[0, 1, uint.MaxValue], step => Assert.Equal(0.3, schedule.At(step)));
    }

    [Fact]
    public void ALineGoesFromTheFirstToTheLastValueAndStaysThere()
    {
        RatioSchedule up = RatioSchedule.Linear(0, 0.3, 4000), down = RatioSchedule.Linear(0.5, 0.25, 4);
        Assert.Equal([0, 0.3 / 4000, 0.15, 0.3, 0.3, 0.3], new uint[] { 0, 1, 2000, 4000, 4001, uint.MaxValue }.Select(up.At));
        Assert.Equal([0.5, 0.4375, 0.375, 0.3125, 0.25, 0.25], Enumerable.Range(0, 6).Select(step => down.At((uint)step)));
    }

    [Fact]
    public void StepsHoldFromTheirStepOn()
    {
        RatioSchedule schedule = RatioSchedule.Steps(0.1, (2000, 0.3), (4000, 0.2));
        Assert.Equal(
            [0.1, 0.1, 0.3, 0.3, 0.2, 0.2], new uint[] { 0, 1999, 2000, 3999, 4000, uint.MaxValue }.Select(schedule.At));
    }

    /// <summary>Rounding between two values just below 1 must not come out at 1, nor below the smaller.</summary>
    [Fact]
    public void ALineStaysBetweenItsEnds()
    {
        System.Random random = new(1);
        double most = Math.BitDecrement(1.0);
        for (int i = 0; i < 100_000; i++)
        {
            double from = i % 2 == 0 ? most : Math.BitDecrement(most), to = i % 3 == 0 ? most : random.NextDouble();
            double ratio = RatioSchedule.Linear(from, to, 1_000_003).At((uint)random.Next(1_000_003));
            Assert.InRange(ratio, Math.Min(from, to), Math.Max(from, to));
        }
    }

    [Fact]
    public void OnlyWhatIsAlwaysZeroIsZero()
    {
        Assert.All((RatioSchedule[])[0, RatioSchedule.Linear(0, 0, 5), RatioSchedule.Steps(0, (3, 0))],
            schedule => Assert.True(schedule.IsZero));
        Assert.All(
            (RatioSchedule[])[0.1, RatioSchedule.Linear(0, 0.1, 5), RatioSchedule.Linear(0.1, 0, 5),
                RatioSchedule.Steps(0, (3, 0.1), (4, 0))],
            schedule => Assert.False(schedule.IsZero));
    }

    [Fact]
    public void SchedulesAreEqualByValue()
    {
        Assert.Equal(RatioSchedule.Steps(0.1, (2, 0.2)), RatioSchedule.Steps(0.1, (2, 0.2)));
        Assert.Equal(RatioSchedule.Steps(0.1, (2, 0.2)).GetHashCode(), RatioSchedule.Steps(0.1, (2, 0.2)).GetHashCode());
        Assert.NotEqual(RatioSchedule.Steps(0.1, (2, 0.2)), RatioSchedule.Steps(0.1, (3, 0.2)));
        Assert.NotEqual(RatioSchedule.Linear(0, 0.2, 2), RatioSchedule.Linear(0, 0.2, 3));
        Assert.Equal(RatioSchedule.Steps(0.1), 0.1);
    }

    [Fact]
    public void WhatIsNoScheduleIsRefusedInOneLine()
    {
        AssertRefused("dropout ratio 1 is out of range", () => RatioSchedule.Linear(0, 1, 5));
        AssertRefused("dropout ratio NaN is out of range", () => RatioSchedule.Linear(double.NaN, 0.5, 5));
        AssertRefused("dropout ratio -0.1 is out of range", () => RatioSchedule.Steps(0.1, (3, -0.1)));
        AssertRefused("a linear dropout ratio needs at least 1 step", () => RatioSchedule.Linear(0, 0.5, 0));
        AssertRefused("must grow from 1 on: 0 comes after 0", () => RatioSchedule.Steps(0.1, (0, 0.2)));
        AssertRefused("must grow from 1 on: 4 comes after 4", () => RatioSchedule.Steps(0.1, (4, 0.2), (4, 0.3)));
    }

    private static void AssertRefused(string why, Func<RatioSchedule> make)
    {
        DropoutLabException error = Assert.Throws<DropoutLabException>(() => { make(); });
        Assert.Contains(why, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }
}
