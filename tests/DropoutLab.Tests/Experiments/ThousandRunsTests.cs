using System.Diagnostics;
using DropoutLab.Dropout;
using DropoutLab.Experiments;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Live;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Experiments;

/// <summary>How long a sweep of twenty cells and fifty seeds takes to be read, and to be drawn.</summary>
[Collection(nameof(ClockTests))]
public sealed class ThousandRunsTests : IDisposable
{
    private static readonly DropoutRule[] Rules =
        [DropoutRule.None, .. Enumerable.Range(1, 19).Select(i => DropoutRule.Standard(i / 100.0))];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheyAreReadAtOnce()
    {
        MadeUpSweep.Table1(folder.Root, seeds: 50, epochs: 2, Rules);

        // The best of a few: the machine may have other work.
        Assert.InRange(Enumerable.Range(0, 5).Min(_ => SecondsToRead()), 0, 2);

        double SecondsToRead()
        {
            long start = Stopwatch.GetTimestamp();
            Assert.Equal(1000, SweepSummary.Read(folder.Root).Count(RunState.Finished));
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    [Fact]
    public void TheirReportTakesLessThanTenSeconds()
    {
        MadeUpSweep.Table1(folder.Root, seeds: 50, epochs: 10, Rules);
        long start = Stopwatch.GetTimestamp();

        CommandRun.Succeed("report", folder.Root);

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 10);
        Assert.Contains(
            "<strong>1000</strong> of 1000 runs finished", File.ReadAllText(folder["report.html"]), StringComparison.Ordinal);
    }
}
