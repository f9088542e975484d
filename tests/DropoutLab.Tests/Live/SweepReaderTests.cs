using DropoutLab.Experiments;
using DropoutLab.Runs;
using DropoutLab.Storage;
using DropoutLab.Tests.Experiments;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Live;

/// <summary>A reader that keeps what has not changed says what one says that reads everything.</summary>
public sealed class SweepReaderTests
{
    private static readonly string[] Rules = ["none", "standard:0.2"];

    [Fact]
    public void EveryChangeIsRead()
    {
        using TemporaryFolder folder = new();
        MadeUpSweep sweep = new(folder.Root, Rules, seeds: 2);
        SweepReader reader = new(folder.Root);
        string run = SweepFolder.RunFolder(folder.Root, "none-s2");
        string metrics = Path.Combine(run, MetricsFile.FileName);
        Action[] changes =
        [
            () => sweep.Finish("none", [0.5, 0.6], [1, 2]),
            () => File.AppendAllText(metrics, "{\"epoch\":"),
            () => MetricsFile.KeepUpTo(run, 1),
            () => new RunFailure("out of memory", 2).Write(run),
            () => RunFailure.Forget(run),
            () => File.WriteAllText(metrics, "no JSON\n"),
            () => Directory.Delete(run, recursive: true),
            () => sweep.Finish("standard:0.2", [0.7], [1]),
            () => _ = new MadeUpSweep(folder.Root, Rules, seeds: 3),
        ];

        foreach (Action change in changes)
        {
            change();
            Assert.Equal(Everything(SweepSummary.Read(folder.Root)), Everything(reader.Read()));
        }
    }

    [Fact]
    public void ASweepAtWorkIsToldFromOneThatIsNot()
    {
        using TemporaryFolder folder = new();
        _ = new MadeUpSweep(folder.Root, Rules, seeds: 1);
        SweepReader reader = new(folder.Root);
        string run = SweepFolder.RunFolder(folder.Root, "none-s1");
        Assert.Equal(RunState.Waiting, reader.Read().Runs[0].State);

        using (FolderLock.Take(folder.Root))
        using (FolderLock.Take(run))
        {
            SweepSummary summary = reader.Read();
            Assert.True(summary.IsAtWork);
            Assert.Equal(RunState.Running, summary.Runs[0].State);
        }

        Assert.Equal(RunState.Waiting, reader.Read().Runs[0].State);
        Assert.False(reader.Read().IsAtWork);
    }

    [Fact]
    public void WithoutAChangeItIsTheSameObject()
    {
        using TemporaryFolder folder = new();
        MadeUpSweep sweep = new(folder.Root, Rules, seeds: 2);
        sweep.Finish("none", [0.5], [1]);
        SweepReader reader = new(folder.Root);
        SweepSummary first = reader.Read();

        Assert.Same(first, reader.Read());
        sweep.Finish("none", [0.5], [1]); // Written again, and the same.
        Assert.Same(first, reader.Read());
        sweep.Finish("none", [0.6], [1]);
        SweepSummary second = reader.Read();
        Assert.NotSame(first, second);
        Assert.Same(first.Runs[1], second.Runs[1]);
    }

    [Fact]
    public void WhatIsOldIsNotOpenedAgain()
    {
        using TemporaryFolder folder = new();
        MadeUpSweep sweep = new(folder.Root, Rules, seeds: 1);
        sweep.Finish("none", [0.5], [1]);
        string run = SweepFolder.RunFolder(folder.Root, "none-s1"), metrics = Path.Combine(run, MetricsFile.FileName);
        DateTime past = DateTime.UtcNow.AddMinutes(-1);
        void Age()
        {
            File.SetLastWriteTimeUtc(metrics, past);
            Directory.SetLastWriteTimeUtc(run, past);
        }

        Age();
        SweepReader reader = new(folder.Root);
        SweepSummary first = reader.Read();
        // Another text of the same length and time can be found by opening the file only.
        File.WriteAllText(metrics, File.ReadAllText(metrics).Replace("0.5", "0.6", StringComparison.Ordinal));
        Age();

        Assert.Same(first, reader.Read());
    }

    private static string Everything(SweepSummary summary) => summary.ToJson() + summary.IsAtWork;
}
