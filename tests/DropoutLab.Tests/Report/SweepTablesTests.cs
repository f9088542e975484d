using DropoutLab.Cli;
using DropoutLab.Cli.Display;
using DropoutLab.Experiments;
using DropoutLab.Tests.Experiments;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Report;

/// <summary>A sweep's tables on the terminal, line by line: t(1) = 12.706205, t(2) = 4.302653.</summary>
public sealed class SweepTablesTests : IDisposable
{
    private const string AtLarge =
        "p = 0.2: undecided: Forward dropout's training loss is much larger than the others' and its accuracy lower; "
        + "backward dropout reaches a smaller training loss than standard but does not generalise better.";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Of three seeds of standard dropout, plain has two.</summary>
    [Fact]
    public void ADifferenceOfFewerPairsThanTheRowsRunsSaysSo()
    {
        MadeUpSweep sweep = new(folder.Root, ["none", "standard:0.2", "forward:0.2"], seeds: 3);
        sweep.Finish("none", [0.70, 0.72], [1, 1.25]);
        sweep.Finish("standard:0.2", [0.71, 0.74, 0.77], [1.4, 1.5, 1.6]);
        sweep.Finish("forward:0.2", [0.60, 0.64], [2, 2.5]);

        Assert.Equal(
            [
                "dropout       n  test accuracy   ± 95%       over plain  train loss  test loss  poster",
                "none          2         0.7100  0.1271                –      1.1250     1.2000  0.7579",
                "standard:0.2  3         0.7400  0.0745  +0.0150 (n = 2)      1.5000     1.2000  0.7617",
                "forward:0.2   2         0.6200  0.2541          −0.0900      2.2500     1.2000  0.7211",
                AtLarge,
            ],
            Lines());
    }

    [Fact]
    public void WithoutAPlainNetworkStandardDropoutIsWhatTheOthersAreOver()
    {
        MadeUpSweep sweep = new(folder.Root, ["standard:0.2", "forward:0.2"], seeds: 2);
        sweep.Finish("standard:0.2", [0.70, 0.72], [1, 1.25]);
        sweep.Finish("forward:0.2", [0.60, 0.64], [2, 2.5]);

        Assert.Equal(
            [
                "dropout       n  test accuracy   ± 95%  over standard  train loss  test loss  poster",
                "standard:0.2  2         0.7100  0.1271              –      1.1250     1.2000  0.7617",
                "forward:0.2   2         0.6200  0.2541        −0.0900      2.2500     1.2000  0.7211",
                AtLarge,
            ],
            Lines());
    }

    private IEnumerable<string> Lines()
    {
        StringWriter output = new();
        SweepTables.Write(new CommandConsole(output, new StringWriter(), CancellationToken.None), SweepSummary.Read(folder.Root));
        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd());
    }
}
