using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Classification;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Optimization;
using DropoutLab.Runs;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Experiments;
using DropoutLab.Tests.Storage;
using DropoutLab.Training;

namespace DropoutLab.Tests.Training;

/// <summary>Data that a network does not fit are refused before the first step, in one line.</summary>
public sealed class TrainerChecksTests
{
    /// <summary>Within which what does not wait has ended.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    [Theory]
    [InlineData(3, 2, 1, 8, 1, "those of made-up's test set are [3, 2, 1]")]
    [InlineData(2, 3, 2, 8, 1, "those of made-up's test set are [2, 3, 2]")]
    [InlineData(3, 2, 2, 0, 1, "made-up's test set is empty")]
    [InlineData(3, 2, 2, 8, 4, "made-up's test set has label 4 at image 0: those of 4 classes are 0 to 3")]
    public void TestImages(int height, int width, int channels, int count, byte label, string complaint)
    {
        ImageSet test = new(
            height, width, channels, new byte[count * height * width * channels], Enumerable.Repeat(label, count).ToArray());

        Assert.Contains(complaint, Refusal(Images(label: 3), test), StringComparison.Ordinal);

        using Backend backend = TestBackends.Reference();
        using Trainer trainer = NewTrainer(backend, Images(label: 0), Images(label: 0));
        string again = complaint.Replace("made-up's test set", "the set to evaluate", StringComparison.Ordinal);
        Assert.Contains(again, Assert.Throws<DropoutLabException>(
            () => trainer.Evaluate(test, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Contains(
            again, Assert.Throws<DropoutLabException>(
                () => trainer.EvaluateMonteCarlo(test, 2, cancellation: TestContext.Current.CancellationToken)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void LabelsToTrainOn() =>
        Assert.Equal("made-up's training set has label 9 at image 0: those of 4 classes are 0 to 3",
            Refusal(Images(label: 9), Images(label: 0)));

    /// <summary>One value a channel has no variance: said before the first step, not at the end of the first epoch.</summary>
    [Theory]
    [InlineData(4, 1, "norm.running_variance: one value a channel, which has no variance, is normalised in a batch of 1: ")]
    [InlineData(5, 2, "the last batch of an epoch, 1 of 5 data in batches of 2: choose a batch size that leaves none or more")]
    [InlineData(5, 3, null)]
    public void ABatchOfOneValueIsNotNormalised(int count, int batchSize, string? complaint)
    {
        Network network = new("normalised", new ImageShape(1, 1, 2), 4, (builder, images) =>
            new Linear("fc", 4).Apply(builder, new BatchNorm("norm").Apply(builder, images)));
        ImageSet images = new(1, 1, 2, Enumerable.Range(0, 2 * count).Select(i => (byte)(i * 37)).ToArray(), new byte[count]);
        ImageDataset data = new("made-up", ["a", "b", "c", "d"], images, images);
        using Backend backend = TestBackends.Reference();
        if (complaint is not null)
        {
            OneLine.Throws(
                () => new Trainer(network, new CrossEntropy(), data.Batches(PixelScaling.MeanImage),
                    new TrainingOptions { BatchSize = batchSize }, backend).Dispose(),
                complaint);
            return;
        }

        using Trainer trainer = new(
            network, new CrossEntropy(), data.Batches(PixelScaling.MeanImage),
            new TrainingOptions { BatchSize = batchSize }, backend);
        Assert.True(double.IsFinite(trainer.RunEpoch(cancellation: TestContext.Current.CancellationToken).TrainLoss));
    }

    [Fact]
    public void ThereIsNoEpochBehindTheLast()
    {
        using Backend backend = TestBackends.Reference();
        using Trainer trainer = NewTrainer(backend, Images(label: 1), Images(label: 1), new TrainingOptions { Epochs = 1 });
        trainer.RunEpoch(cancellation: TestContext.Current.CancellationToken);

        Assert.True(trainer.IsFinished);
        Assert.Throws<InvalidOperationException>(() => trainer.RunEpoch(cancellation: TestContext.Current.CancellationToken));
    }

    /// <summary>Half an epoch's parameters are nothing to go on from, until they are others.</summary>
    [Fact]
    public void AnEpochThatWasBrokenOffIsNotGoneOnWith()
    {
        using Backend backend = TestBackends.Reference();
        using Trainer trainer = NewTrainer(backend, Images(label: 1), Images(label: 1), new TrainingOptions { BatchSize = 1 });
        using CancellationTokenSource stop = new();
        Assert.Throws<OperationCanceledException>(() => trainer.RunEpoch(new AfterAStep(stop), stop.Token));

        Assert.Throws<InvalidOperationException>(() => trainer.RunEpoch(cancellation: TestContext.Current.CancellationToken));
        trainer.Parameters.Initialise(seed: 1);
        trainer.ContinueAfter(completedEpochs: 0);
        Assert.Equal(1, trainer.RunEpoch(cancellation: TestContext.Current.CancellationToken).Epoch);
    }

    [Fact]
    public void APredictionIsTheProbabilitiesThatEvaluationCounts()
    {
        using Backend backend = TestBackends.Reference();
        ImageSet images = new(
            3, 2, 2, Enumerable.Range(0, 5 * 12).Select(i => (byte)(i * 37)).ToArray(), new byte[] { 0, 1, 2, 3, 0 });
        using Trainer trainer = NewTrainer(
            backend, images, images, new TrainingOptions { Dropout = new DropoutSettings(DropoutRule.Standard(0.5)) });
        trainer.RunEpoch(cancellation: TestContext.Current.CancellationToken);

        double[] probabilities = trainer.Predict(images, TestContext.Current.CancellationToken).ToArray();
        Evaluation evaluation = trainer.Evaluate(images, TestContext.Current.CancellationToken);

        double[][] rows = [.. probabilities.Chunk(4)];
        Assert.Equal(5, rows.Length);
        Assert.All(rows, row => Assert.Equal(1, row.Sum(), 1e-12));
        Assert.Equal(
            evaluation.Loss, rows.Select((row, i) => -Math.Log(row[images.Labels.Span[i]])).Average(), 1e-6 * evaluation.Loss);
        Assert.Equal(evaluation.Accuracy,
            rows.Select((row, i) => Array.IndexOf(row, row.Max()) == images.Labels.Span[i] ? 1.0 : 0).Average(), 1e-12);
    }

    [Theory]
    [InlineData(0.5, 0.2)]
    [InlineData(0, 0.5)]
    [InlineData(50, 75)]
    public void DropsOfTheRateAreFractionsOfTheRun(double first, double second)
    {
        TrainingOptions options = new() { Schedule = new StepDecay([first, second], 0.1) };
        Assert.Contains(
            "fractions of the run", Assert.Throws<DropoutLabException>(options.Validate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SchedulesThatAreNoneAreRefused()
    {
        Assert.All(
            (LearningRateSchedule[])[new StepDecay([0.5], 0), new OneCycle(5, 25), new OneCycle(0.2, 0),
                new OneCycle(double.NaN, 25)],
            schedule => Assert.Throws<DropoutLabException>((new TrainingOptions { Schedule = schedule }).Validate));
        new TrainingOptions { Schedule = new StepDecay([], 1) }.Validate();
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-0.1)]
    [InlineData(double.PositiveInfinity)]
    public void AScheduleOfOnesOwnMustGiveARate(double rate)
    {
        using Backend backend = TestBackends.Reference();
        using Trainer trainer = NewTrainer(
            backend, Images(label: 1), Images(label: 1), new TrainingOptions { Schedule = new Constant(rate) });
        for (int attempt = 0; attempt < 2; attempt++) // nothing has been computed: the parameters are whole
            OneLine.Throws(() => trainer.RunEpoch(cancellation: TestContext.Current.CancellationToken),
                "the schedule's learning rate for step 0 is", "a number from 0 on");
    }

    [Fact]
    public void AScheduleOfOnesOwnIsFollowed()
    {
        using Backend backend = TestBackends.Reference();
        using Trainer still = NewTrainer(backend, Images(label: 1), Images(label: 1),
            new TrainingOptions { Schedule = new Constant(0), Optimizer = new Sgd(momentum: 0, weightDecay: 0.004) });
        double[] before = still.Parameters.Read("fc1.weight", ParameterArray.Value);

        Assert.Equal(0, still.RunEpoch(cancellation: TestContext.Current.CancellationToken).LearningRate);
        Assert.Equal(before, still.Parameters.Read("fc1.weight", ParameterArray.Value));
    }

    /// <summary>As threads of a web service do that share a predictor.</summary>
    [Fact]
    public async Task WhoAsksWhileTheBackendIsInUseWaitsAsync()
    {
        using Backend backend = TestBackends.Reference();
        using Trainer trainer = NewTrainer(backend, Images(label: 1), Images(label: 1));
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Func<object>[] questions =
        [
            () => trainer.Predict(Images(label: 0), cancellation), () => trainer.Evaluate(Images(label: 0), cancellation),
            () => trainer.EvaluateMonteCarlo(Images(label: 0), passes: 1, cancellation: cancellation),
            () => trainer.RunEpoch(cancellation: cancellation),
            () => StepAudit.Run(trainer.Network, DropoutSettings.None, MadeUpInput.Minibatch(trainer.Network, 2, seed: 1),
                backend, Precision.Float64),
        ];
        foreach (Func<object> question in questions)
        {
            Task<object> answer = AskWhileHeld(backend.Gate, question);
            await answer;
        }
    }

    /// <summary>Threads that ask for an epoch get one after the other.</summary>
    [Fact]
    public async Task AnEpochWaitsForTheOneBeforeAsync()
    {
        using Backend backend = TestBackends.Reference();
        using Trainer trainer = NewTrainer(backend, Images(label: 1), Images(label: 1), new TrainingOptions { Epochs = 2 });
        Task<EpochMetrics>? second = null;
        AtTheFirstStep ask = new(() =>
        {
            second = Begin(() => trainer.RunEpoch());
            Assert.False(second.Wait(Moment));
        });

        Assert.Equal(1, trainer.RunEpoch(ask, TestContext.Current.CancellationToken).Epoch);
        Assert.Equal(2, (await second!).Epoch);
    }

    private static Task<object> AskWhileHeld(Lock gate, Func<object> question)
    {
        lock (gate)
        {
            Task<object> answer = Begin(question);
            Assert.False(answer.Wait(Moment));
            return answer;
        }
    }

    /// <summary>Asks on another thread; returns once that is about to.</summary>
    private static Task<T> Begin<T>(Func<T> question)
    {
        TaskCompletionSource begun = new();
        Task<T> answer = Task.Run(() =>
        {
            begun.SetResult();
            return question();
        });
        begun.Task.Wait();
        return answer;
    }

    /// <summary>2³² − 10,000 steps have masks of their own; more would repeat them.</summary>
    [Theory]
    [InlineData(429_495_729, null)]
    [InlineData(429_495_730, "429495730 epochs of 10 steps are 4294957300 steps: there are masks for 4294957296")]
    public void MoreStepsThanThereAreMasksFor(int epochs, string? complaint)
    {
        using Backend backend = TestBackends.Reference();
        ImageSet images = new(3, 2, 2, new byte[10 * 12], new byte[10]);
        TrainingOptions options = new() { Epochs = epochs, BatchSize = 1 };
        if (complaint is null)
            NewTrainer(backend, images, Images(label: 0), options).Dispose();
        else
            Assert.Equal(complaint,
                Assert.Throws<DropoutLabException>(() => NewTrainer(backend, images, Images(label: 0), options)).Message);
    }

    /// <summary>A plan for each size would fill the memory.</summary>
    [Fact]
    public void SetsOfAnySizeAreEvaluated()
    {
        using Backend backend = TestBackends.Reference();
        byte[] pixels = [.. Enumerable.Range(0, 502 * 12).Select(i => (byte)(i * 37 % 251))];
        using Trainer trainer = NewTrainer(backend, Images(label: 1), Images(label: 1));
        double[] all = trainer.Predict(
            new ImageSet(3, 2, 2, pixels, new byte[502]), TestContext.Current.CancellationToken).ToArray();

        foreach (int count in (int[])[3, 502, 2, 500, 3, 1, 501])
        {
            ImageSet some = new(3, 2, 2, pixels[..(count * 12)], new byte[count]);
            Assert.Equal(all[..(count * 4)], trainer.Predict(some, TestContext.Current.CancellationToken).ToArray());
        }
    }

    /// <summary>A checkpoint could not hold it.</summary>
    [Fact]
    public void ARunIn64BitsIsNotBegun()
    {
        using TemporaryFolder folder = new();
        using Backend backend = TestBackends.Reference();
        ImageSet images = new(32, 32, 3, new byte[2 * 3072], new byte[2]);
        RunConfiguration configuration = MadeUpSweep.Configuration("none") with
        {
            Model = "mlp",
            Precision = Precision.Float64,
            Backend = "reference",
        };

        Assert.Contains("a checkpoint holds 32 bits a number", Assert.Throws<DropoutLabException>(() => TrainingRun.Open(
            folder["run"], configuration, new ImageDataset(
                "made-up", [.. Enumerable.Range(0, 10).Select(i => $"{i}")], images, images), backend, resume: false)).Message,
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["run"]));
    }

    private sealed class AtTheFirstStep(Action action) : IProgress<StepProgress>
    {
        private bool isDone;

        public void Report(StepProgress value)
        {
            if (!isDone)
                action();
            isDone = true;
        }
    }

    private sealed record Constant(double Rate) : LearningRateSchedule
    {
        public override double At(double baseRate, long step, long stepCount) => Rate;
    }

    private sealed class AfterAStep(CancellationTokenSource stop) : IProgress<StepProgress>
    {
        public void Report(StepProgress value) => stop.Cancel();
    }

    private static ImageSet Images(byte label) => new(3, 2, 2, new byte[5 * 12], Enumerable.Repeat(label, 5).ToArray());

    private static string Refusal(ImageSet train, ImageSet test)
    {
        using Backend backend = TestBackends.Reference();
        return Assert.Throws<DropoutLabException>(() =>
        {
            using Trainer trainer = NewTrainer(backend, train, test);
        }).Message;
    }

    private static Trainer NewTrainer(Backend backend, ImageSet train, ImageSet test, TrainingOptions? options = null) =>
        new(
            SmallNetworks.Dense, new CrossEntropy(),
            new ImageDataset("made-up", ["a", "b", "c", "d"], train, test).Batches(PixelScaling.MeanImage),
            options ?? new TrainingOptions(), backend);
}
