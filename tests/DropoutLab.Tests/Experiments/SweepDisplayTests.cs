using System.Diagnostics;
using DropoutLab.Cli.Display;
using DropoutLab.Experiments;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Experiments;

/// <summary>A sweep's live lines on terminals of any width.</summary>
public sealed class SweepDisplayTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static MatrixTheoryData<string, int> NamesAndWidths
    {
        get
        {
            string emoji = string.Concat(Enumerable.Repeat("👨\u200d👩\u200d👧e\u0301", 20));
            string[] names = [new string('中', 60), emoji, "two\nlines \e[2J", "table1"];
            return new MatrixTheoryData<string, int>(names, [1, 20, 40, 80, 200]);
        }
    }

    [Theory]
    [MemberData(nameof(NamesAndWidths))]
    public async Task NoLineIsWiderThanTheTerminal(string name, int width)
    {
        FixedTerminal terminal = await ShownAsync(name, width);

        Assert.NotEmpty(terminal.Lines);
        terminal.AssertFits(width == 1 ? terminal.LiveLines : terminal.Lines); // on one column there is nothing live
        Assert.DoesNotContain(terminal.Lines, line => line.StartsWith("lines", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(40, "中中中…中中中", "  standa…0.2-s1  epoch 2/2    ━━━━━━━━")]
    [InlineData(80, "中中中中中中…中中中中中中", "  standard-0.2-s1  epoch 2/2    ━━━━━━━━      1/2     500 images/s")]
    public async Task WhatThereIsRoomForIsShown(int width, string name, string runLine)
    {
        FixedTerminal terminal = await ShownAsync(new string('中', 60), width);

        string[] sweepLines = [.. terminal.LiveLines.Where(line => line.StartsWith(name + "  ━", StringComparison.Ordinal))];
        Assert.Contains(sweepLines, line => line.Contains("0 of 1 run", StringComparison.Ordinal));
        Assert.Contains(runLine, terminal.LiveLines.Select(line => line.TrimEnd()));
    }

    /// <summary>One run, which is under way for a time and then dies.</summary>
    private static async Task<FixedTerminal> ShownAsync(string name, int width)
    {
        using TemporaryFolder folder = new();
        MadeUpSweep sweep = new(folder.Root, name, [MadeUpSweep.Configuration("standard:0.2")], seeds: 1);
        using SweepFolder opened = SweepFolder.Open(folder.Root, sweep.Plan, "", threads: 1);
        string report = new RunReport(CompletedEpochs: 1, Step: 1, StepCount: 2, ImagesPerSecond: 500).Line();
        SweepExecution execution = new(
            opened, (_, _) => new ProcessStartInfo("/bin/sh", ["-c", $"echo '{report}'; sleep 0.6; kill -9 $$"]), jobs: 1);
        SweepProgress progress = new(sweep.Plan, SweepSummary.Read(folder.Root), execution, jobs: 1);
        FixedTerminal terminal = new(width);
        await Task.Run(
            () => SweepDisplay.Show(terminal.Console, progress, nameWidth: 15, ended => execution.RunAsync(ended, Cancellation)),
            Cancellation).WaitAsync(Limit, Cancellation);
        return terminal;
    }
}
