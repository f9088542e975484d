using DropoutLab.Dashboard.Charts;
using DropoutLab.Dashboard.Report;
using DropoutLab.Experiments;
using DropoutLab.Tests.Experiments;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Report;

/// <summary>A picture draws what its title says.</summary>
public sealed class ReportFiguresTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void EachLossIsUnderItsOwnTitle()
    {
        IReadOnlyList<LineChart> charts = Assert.Single(Figures().Losses).Charts;

        Assert.Equal(["p = 0.2: training loss", "p = 0.2: test loss"], charts.Select(chart => chart.Title));
        Assert.Equal(
            ["training loss, dropout on (nats)", "test loss, dropout off (nats)"], charts.Select(chart => chart.Up.Title));
        Assert.All(charts, chart => Assert.Equal(["plain", "standard"], chart.Series.Select(series => series.Name)));
        Assert.All(
            charts.SelectMany(chart => chart.Series), series => Assert.Equal([1, 2], series.Points.Select(point => point.X)));
        // The first epoch is the same in all runs, the test losses are in both.
        Assert.Equal([[1.5, 1.125], [1.5, 1.625]], charts[0].Series.Select(Heights));
        Assert.Equal([[1.4, 1.2], [1.4, 1.2]], charts[1].Series.Select(Heights));
    }

    [Fact]
    public void OurAccuraciesAreNotThePosters()
    {
        IReadOnlyList<LineChart> charts = Figures().Accuracy!.Charts;

        Assert.Equal(["Test accuracy here", "The poster’s figures"], charts.Select(chart => chart.Title));
        Assert.Equal([[0.625], [0.8125]], charts[0].Series.Select(Heights));
        Assert.Equal([[0.7579], [0.7617]], charts[1].Series.Select(Heights));
    }

    private ReportFigures Figures()
    {
        MadeUpSweep sweep = new(folder.Root, ["none", "standard:0.2"], seeds: 2);
        sweep.Finish("none", [0.5, 0.75], [1, 1.25]);
        sweep.Finish("standard:0.2", [0.75, 0.875], [1.5, 1.75]);
        return new ReportFigures(MethodGrid.Of(SweepSummary.Read(folder.Root).Tables[0], 0));
    }

    private static double[] Heights(ChartSeries series) => [.. series.Points.Select(point => point.Y)];
}
