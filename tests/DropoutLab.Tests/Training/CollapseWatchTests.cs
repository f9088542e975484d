using System.Text.Json;
using DropoutLab.Backends;
using DropoutLab.Classification;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Documentation;
using DropoutLab.Tests.Experiments;
using DropoutLab.Training;

namespace DropoutLab.Tests.Training;

public sealed class CollapseWatchTests : IDisposable
{
    private const double LnTen = 2.302585092994046;

    private readonly Backend backend = TestBackends.Reference();

    public void Dispose() => backend.Dispose();

    /// <summary>As forward:0.3 at all sites of ConvNet-Quick does on Fashion-MNIST.</summary>
    [Fact]
    public void ADeadNetworkIsToldOfOnce()
    {
        using Trainer trainer = NewTrainer(
            Balanced, new TrainingOptions { Epochs = 5, Dropout = new DropoutSettings(DropoutRule.Forward(0.3)) });
        CollapseWatch watch = new(trainer);

        Assert.Null(watch.Take(Epoch(1, 18.3, 0.1)));
        Assert.Equal(
            "collapsed: train loss 2.3027 and test accuracy 0.1000 in epoch 2, where knowing nothing of the images gives 2.3026 "
            + "and 0.1000; try a learning rate below 0.001, a lower drop probability than that of forward:0.3, or dropout at "
            + "fewer layers", watch.Take(Epoch(2, 2.3027, 0.1)));
        Assert.Null(watch.Take(Epoch(3, LnTen, 0.1)));
    }

    [Theory]
    [InlineData(1.5, 0.1, false)] // other images than those trained on, perhaps; but it learns
    [InlineData(2.5, 0.13, false)] // forward dropout may have such a training loss
    [InlineData(22, 0.5, false)]
    [InlineData(2.26, 0.11, true)]
    [InlineData(24, 0.5, true)]
    [InlineData(1e30, 0.1, true)]
    public void WhatHasCollapsed(double trainLoss, double accuracy, bool hasCollapsed)
    {
        using Trainer trainer = NewTrainer(Balanced, new TrainingOptions { Epochs = 2 });
        CollapseWatch watch = new(trainer);

        Assert.Null(watch.Take(Epoch(1, 1.4, 0.5)));
        string? line = watch.Take(Epoch(2, trainLoss, accuracy));

        Assert.Equal(hasCollapsed, line is not null);
        if (hasCollapsed)
            Assert.EndsWith("try a learning rate below 0.001", line, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatHasNotBegunYetHasNotCollapsed()
    {
        TrainingOptions nine = new() { Epochs = 9 };
        using Trainer slow = NewTrainer(Balanced, nine), small = NewTrainer([.. Balanced[..20]], nine with { BatchSize = 10 });
        CollapseWatch ofSlow = new(slow), ofSmall = new(small);

        for (int epoch = 1; epoch <= 9; epoch++)
        {
            Assert.Null(ofSlow.Take(Epoch(epoch, LnTen, 0.1)));
            Assert.Null(ofSmall.Take(Epoch(epoch, 2.5, 0.1)));
        }
    }

    /// <summary>Who always names the class of three images in four is right as often.</summary>
    [Fact]
    public void ClassesNeedNotBeAsFrequentAsOneAnother()
    {
        byte[] labels = [.. Enumerable.Range(0, 600).Select(i => (byte)(i % 4 == 0 ? 1 : 0))];
        double entropy = -(0.75 * Math.Log(0.75) + 0.25 * Math.Log(0.25));
        using Trainer dead = NewTrainer(labels, new TrainingOptions { Epochs = 1 }),
            alive = NewTrainer(labels, new TrainingOptions { Epochs = 1 });

        Assert.Contains(
            "0.5623 and 0.7500", new CollapseWatch(dead).Take(Epoch(1, 1.03 * entropy, 0.75)), StringComparison.Ordinal);
        Assert.Null(new CollapseWatch(alive).Take(Epoch(1, 0.97 * entropy, 0.75)));
    }

    /// <summary>All of them are of ten classes as frequent as one another.</summary>
    [Fact]
    public void NoneOfTheResultsKeptHere()
    {
        using Trainer trainer = NewTrainer(Balanced, new TrainingOptions { Epochs = 200 });
        EpochMetrics[][] runs = [.. LinesOfRuns(), .. RunsOfSummaries()];

        Assert.True(runs.Length > 100, $"{runs.Length} runs");
        foreach (EpochMetrics[] run in runs)
        {
            CollapseWatch watch = new(trainer);
            Assert.All(run, epoch => Assert.Null(watch.Take(epoch)));
        }
    }

    private static byte[] Balanced => [.. Enumerable.Range(0, 600).Select(i => (byte)(i % 10))];

    private static string Results => SourceTree.PathOf("docs", "results");

    private static IEnumerable<EpochMetrics[]> LinesOfRuns() =>
        Directory.GetFiles(Results, "*.jsonl", SearchOption.AllDirectories)
        .SelectMany(file => File.ReadLines(file).Select(line => JsonDocument.Parse(line).RootElement))
        .Aggregate(new List<List<EpochMetrics>>(), (runs, line) =>
        {
            double Number(string name) => line.GetProperty(name).GetDouble();
            EpochMetrics epoch = Epoch((int)Number("epoch"), Number("train_loss"), Number("test_accuracy"));
            if (epoch.Epoch == 1)
                runs.Add([]);
            runs[^1].Add(epoch);
            return runs;
        })
        .Select(run => run.ToArray());

    private static IEnumerable<EpochMetrics[]> RunsOfSummaries() =>
        Directory.GetFiles(Results, "summary.json", SearchOption.AllDirectories)
        .SelectMany(file => JsonDocument.Parse(File.ReadAllText(file)).RootElement.GetProperty("runs").EnumerateArray())
        .Select(run => run.GetProperty("train_loss").EnumerateArray().Zip(run.GetProperty("test_accuracy").EnumerateArray())
            .Select((pair, i) => Epoch(i + 1, pair.First.GetDouble(), pair.Second.GetDouble())).ToArray());

    private static EpochMetrics Epoch(int number, double trainLoss, double accuracy) =>
        MadeUpEpoch.Of(number, trainLoss, trainLoss, accuracy, 1, 0.001, 1);

    /// <summary>A step is an image unless the options say otherwise; none is done.</summary>
    private Trainer NewTrainer(byte[] labels, TrainingOptions options)
    {
        ImageSet images = ImageSet.OfTable(1, new float[labels.Length], labels);
        string[] names = [.. Enumerable.Range(0, labels.Max() + 1).Select(label => $"{label}")];
        return new Trainer(
            LogisticRegression.Create(new ImageShape(1, 1, 1), names.Length), new CrossEntropy(),
            new ImageDataset("made-up", names, images, images).Batches(PixelScaling.MeanImage),
            options.BatchSize == 100 ? options with { BatchSize = 1 } : options, backend);
    }
}
