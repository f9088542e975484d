using System.Diagnostics;
using DropoutLab.Backends.Reference;
using DropoutLab.Cli.Display;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Tests.Experiments;
using DropoutLab.Training;
using Spectre.Console;

namespace DropoutLab.Tests.Cli;

public sealed class LiveTrainingTests
{
    private const int Steps = 500;

    [Fact]
    public void ShowsWhereTheTrainingIsAndCostsAStepNoMemory()
    {
        StringWriter screen = new();
        long allocated = 0;
        using ReferenceBackend backend = new(threads: 1);
        using Trainer trainer = SmallTrainer(backend);

        LiveTrainingState state = new("none  ", trainer);
        // One update is drawn, the first: drawing takes memory.
        LiveTraining.Show(Terminal(screen), state, updatesPerSecond: 1e-6, train: live =>
        {
            live.Report(new StepProgress(1, 1, Steps, 2.5));
            live.Report(new StepProgress(1, 2, Steps, 2.25));
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int step = 3; step <= 200; step++)
                live.Report(new StepProgress(1, step, Steps, 2));
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            state.EpochDone(MadeUpEpoch.Of(1, 2, 1.9, 0.4321, 1000, 0.001, 1));
        });

        Assert.Contains("none  epoch 1/3", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("loss 2.5000", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("accuracy 0.4321", state.Figures);
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void TimeLeftCountsTheStepsAndTheEvaluations()
    {
        TrainingPace pace = new(epochs: 3, batchSize: 50);
        Assert.Null(pace.TimeLeft);

        pace.StepDone(new StepProgress(1, 1, 10, 2), timestamp: 1000);
        Assert.Null(pace.TimeLeft);
        for (int step = 2; step <= 6; step++)
            pace.StepDone(new StepProgress(1, step, 10, 2), 1000 + (step - 1) * Stopwatch.Frequency / 10);
        Assert.Equal(500, pace.ImagesPerSecond, 1e-6);
        Assert.Equal(2.4, pace.TimeLeft!.Value.TotalSeconds, 1e-6);

        // 500 images took 1 second of 1.5: half a second for the evaluation, three of which are to come.
        pace.EpochDone(MadeUpEpoch.Of(1, 2, 2, 0.1, 500, 0.001, 1.5), imageCount: 500);
        Assert.Equal(2.4 + 1.5, pace.TimeLeft!.Value.TotalSeconds, 1e-6);

        // More images were counted than there are: an evaluation takes no less than nothing.
        pace.EpochDone(MadeUpEpoch.Of(1, 2, 2, 0.1, 500, 0.001, 1.5), imageCount: 5000);
        Assert.Equal(2.4, pace.TimeLeft!.Value.TotalSeconds, 1e-6);
    }

    [Theory]
    [InlineData(7, "0:07")]
    [InlineData(754, "12:34")]
    [InlineData(3723, "1:02:03")]
    [InlineData(360_000, "100:00:00")]
    public void Durations(int seconds, string text) => Assert.Equal(text, Duration.Text(TimeSpan.FromSeconds(seconds)));

    private static Trainer SmallTrainer(ReferenceBackend backend)
    {
        ImageSet images = new(2, 2, 1, new byte[Steps * 4], new byte[Steps]);
        ImageDataset data = new("made up", ["a", "b"], images, images);
        TrainingOptions options = new() { Epochs = 3, BatchSize = 1 };
        return new Trainer(LogisticRegression.Create(new ImageShape(2, 2, 1), 2), new CrossEntropy(),
            data.Batches(PixelScaling.MeanImage), options, backend);
    }

    private static IAnsiConsole Terminal(StringWriter screen)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(screen),
        });
        console.Profile.Width = 120;
        return console;
    }
}
