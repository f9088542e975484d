using DropoutLab.Cli.Commands;
using DropoutLab.Experiments;

namespace DropoutLab.Tests.Experiments;

public sealed class SweepPaceTests
{
    [Theory]
    [InlineData(new double[] { 0, 0 }, new double[] { 3, 3, 3 }, 6)]
    [InlineData(new double[] { 5, 1 }, new double[] { 2, 2 }, 5)]
    [InlineData(new double[] { 5, 1 }, new double[] { 2, 4 }, 7)]
    [InlineData(new double[] { 4 }, new double[0], 4)]
    public void EachRunGoesToTheJobThatIsFreeFirst(double[] busy, double[] runs, double end) =>
        Assert.Equal(end, SweepPace.Makespan(busy, runs));

    [Fact]
    public void ARunTakesWhatSimilarOnesTookLately()
    {
        SweepCell plain = Cell("none", batchSize: 100), dropout = Cell("standard:0.2", batchSize: 100),
            other = Cell("none", batchSize: 10);
        SweepPace pace = new();
        Assert.Null(pace.SecondsOf(plain));

        foreach (double seconds in (double[])[1900, 1200, 210, 206, 2400, 208, 207])
            pace.Add(plain, seconds);

        Assert.Equal(208, pace.SecondsOf(dropout));
        Assert.Equal(208, pace.SecondsOf(other));
        pace.Add(other, 50);
        Assert.Equal(50, pace.SecondsOf(other));
    }

    [Theory]
    [InlineData(2, 95, null, null, 2, 1)]
    [InlineData(8, 3, null, null, 4, 2)]
    [InlineData(8, 1, null, null, 1, 8)]
    [InlineData(8, 95, 2, null, 2, 4)]
    [InlineData(8, 95, null, 4, 2, 4)]
    [InlineData(2, 95, 3, 2, 3, 2)]
    public void RunsSideBySide(int processors, int runs, int? jobs, int? threads, int expectedJobs, int expectedThreads) =>
        Assert.Equal(new SideBySide(expectedJobs, expectedThreads), SideBySide.Choose(processors, runs, jobs, threads));

    private static SweepCell Cell(string rule, int batchSize) =>
        new(rule, new Dictionary<string, string>(), MadeUpSweep.Configuration(rule) with { BatchSize = batchSize });
}
