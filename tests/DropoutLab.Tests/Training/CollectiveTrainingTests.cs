using DropoutLab.Backends;
using DropoutLab.Collectives;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Optimization;
using DropoutLab.Random;
using DropoutLab.Runs;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Experiments;
using DropoutLab.Tests.Models;
using DropoutLab.Tests.Storage;
using DropoutLab.Training;
using static DropoutLab.Graph.Operations;

namespace DropoutLab.Tests.Training;

/// <summary>
/// A training by several processes is that of one. Threads stand for processes, so that no MPI is needed: each has a trainer
/// and a backend of its own. Minibatches of 5, and of 3 at an epoch's end, over up to 4 processes: no number of them divides
/// both, and of the last one a process has nothing.
/// </summary>
public sealed class CollectiveTrainingTests
{
    private const int BatchSize = 5, Images = 23, Epochs = 4; // 20 steps

    /// <summary>Normalises pixels' channels, and features, of which one datum has no variance.</summary>
    private static readonly Network Normalised = new("normalised", new ImageShape(6, 5, 3), 4, (builder, images) =>
    {
        var h = Relu(new BatchNorm("norm1").Apply(builder, new Conv2d("conv1", 5, 3) { Padding = 1 }.Apply(builder, images)));
        h = Relu(new BatchNorm("norm2").Apply(builder, new Conv2d("conv2", 6, 3) { Stride = 2 }.Apply(builder, h)));
        h = Relu(new BatchNorm("norm3").Apply(builder, new Linear("fc1", 7).Apply(builder, h)));
        return new Linear("fc2", 4).Apply(builder, h);
    });

    [Theory]
    [InlineData("standard:0.3", "per-datum")]
    [InlineData("forward:0.3", "pair")]
    [InlineData("backward:0.3", "per-minibatch")]
    [InlineData("augmented:0.3/0.2", "per-datum")]
    [InlineData("augmented:0.3/0.2", "pair")]
    [InlineData("augmented-independent:0.3/0.2", "channel")]
    public void AnyNumberOfProcessesComesToTheSame(string rule, string sharing)
    {
        TrainingOptions options = Options(rule, sharing);
        (double[] losses, double[][] weights) = Train(Normalised, options, 1, () => TestBackends.Reference(1))[0];

        for (int size = 2; size <= 4; size++)
        {
            foreach ((double[] own, double[][] ownWeights) in Train(Normalised, options, size, () => TestBackends.Reference(1)))
            {
                AssertNear(losses, own, 1e-12);
                Assert.All(weights.Zip(ownWeights), pair => AssertNear(pair.First, pair.Second, 1e-12));
            }
        }
    }

    [Fact]
    public void ResNet20ComesToTheSame()
    {
        Network network = ResNet.Create(20, 1, new ImageShape(6, 5, 3), 4);
        TrainingOptions options = Options("augmented:0.2/0.1", "per-datum") with { LearningRate = 0.01 };
        (double[] losses, double[][] weights) = Train(network, options, 1, () => TestBackends.Reference(1))[0];

        foreach ((double[] own, double[][] ownWeights) in Train(network, options, 3, () => TestBackends.Reference(1)))
        {
            AssertNear(losses, own, 1e-12);
            Assert.All(weights.Zip(ownWeights), pair => AssertNear(pair.First, pair.Second, 1e-12));
        }
    }

    /// <summary>As near as 32 bits are.</summary>
    [Fact]
    public void TheFastKernelsComeToTheSame()
    {
        TrainingOptions options = Options("backward:0.3", "per-datum") with
        {
            Precision = Precision.Float32,
            LearningRate = 0.01,
        };
        (double[] losses, double[][] weights) = Train(Normalised, options, 1, () => TestBackends.OneDnn(1))[0];

        (double[] own, double[][] ownWeights) = Train(Normalised, options, 4, () => TestBackends.OneDnn(1))[2];

        AssertNear(losses, own, 1e-4);
        Assert.All(weights.Zip(ownWeights), pair => AssertNear(pair.First, pair.Second, 1e-3));
    }

    [Theory]
    [InlineData("per-datum")]
    [InlineData("pair")]
    [InlineData("per-minibatch")]
    [InlineData("channel")]
    public void MasksAreThoseOfOneProcess(string sharing)
    {
        using Backend backend = TestBackends.Fastest(1);
        double[][] whole = Masks(backend, new MinibatchPart(BatchSize, 0, BatchSize), sharing);
        for (int size = 2; size <= 7; size++)
        {
            double[][][] parts = ThreadCollective.Run(size, collective =>
            {
                lock (backend)
                {
                    MinibatchPart part = MinibatchPart.Of(BatchSize, collective);
                    return part.IsEmpty ? [] : Masks(backend, part, sharing);
                }
            });
            for (int mask = 0; mask < whole.Length; mask++)
                Assert.Equal(whole[mask], parts.Where(part => part.Length > 0).SelectMany(part => part[mask]));
        }
    }

    /// <summary>Each process by itself: gradients are sums of the parts', running averages means by their data.</summary>
    [Fact]
    public void LocalStatisticsAreTheParts()
    {
        TrainingOptions options = Options("none", "per-datum") with { BatchStatistics = BatchStatistics.Local };
        Dictionary<string, double[]> expected = [];
        using Backend backend = TestBackends.Reference(1);
        TrainingData data = Data();
        int[] order = [.. new RandomFunction(options.Seed).Permutation(Images, 0).Take(BatchSize)];
        foreach (int[] numbers in (int[][])[order[..2], order[2..]])
        {
            using ParameterStore store = new(SmallNetworks.Residual.Parameters, Precision.Float64);
            store.Initialise(options.Seed);
            using NetworkPlan plan = SmallNetworks.Residual.Build(numbers.Length, options.Dropout)
                .TrainingPlan(backend, store, new CrossEntropy(0.1), minibatchSize: BatchSize);
            plan.Load(data.Train, numbers, new EpochDraws(new RandomFunction(options.Seed), 0));
            plan.Run(options.Seed);
            foreach (Parameter parameter in store.Parameters)
            {
                double weight = parameter.IsTrained ? 1 : (double)numbers.Length / BatchSize;
                double[] own = [.. store.Read(parameter.Name, ParameterArray.Gradient).Select(number => weight * number)];
                expected[parameter.Name] = [.. expected.GetValueOrDefault(parameter.Name, new double[own.Length]).Zip(own, Sum)];
            }
        }

        foreach (Dictionary<string, double[]> actual in ThreadCollective.Run(2, own => FirstGradients(options, own)))
        {
            foreach ((string name, double[] numbers) in expected)
                Assert.True(TestBackends.RelativeDistance(numbers, actual[name]) < 1e-12, name);
        }

        static double Sum(double a, double b) => a + b;
    }

    [Fact]
    public void ACheckpointGoesOnWithAnotherNumberOfProcesses()
    {
        using TemporaryFolder folder = new();
        string path = folder["checkpoint.safetensors"];
        TrainingOptions options = Options("forward:0.3", "per-datum") with
        {
            Precision = Precision.Float32,
            LearningRate = 0.01,
        };
        (double[] losses, double[][] weights) = Train(Normalised, options, 1, () => TestBackends.Reference(1))[0];

        ThreadCollective.Run(3, collective => WithTrainer(Normalised, options, collective, TestBackends.Reference(1), trainer =>
        {
            for (int epoch = 0; epoch < 2; epoch++)
                trainer.RunEpoch();
            if (collective.Rank == 0)
                Checkpoint.Write(path, trainer);
            return 0;
        }));
        (double[] own, double[][] ownWeights) = ThreadCollective.Run(2, collective => WithTrainer(
            Normalised, options, collective, TestBackends.Reference(1), trainer =>
            {
                if (collective.Rank == 0)
                    Checkpoint.Restore(path, trainer);
                trainer.ShareState();
                Assert.Equal(2, trainer.CompletedEpochs);
                return ToTheEnd(trainer);
            }))[1];

        AssertNear(losses[4..], own, 1e-4);
        Assert.All(weights.Zip(ownWeights), pair => AssertNear(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void WhereOneIsStoppedAllStopAtOneStep()
    {
        int[] steps = ThreadCollective.Run(3, collective => WithTrainer(
            Normalised, Options("none", "per-datum"), collective, TestBackends.Reference(1), trainer =>
            {
                using CancellationTokenSource own = new();
                LastStep last = new(step =>
                {
                    if (step == 2 && collective.Rank == 2)
                        own.Cancel();
                });
                Assert.ThrowsAny<OperationCanceledException>(() => trainer.RunEpoch(last, own.Token));
                return last.Step;
            }));

        Assert.Equal([2, 2, 2], steps);
    }

    [Fact]
    public void ProcessesThatDifferAreRefused()
    {
        string message = Assert.Throws<DropoutLabException>(() => ThreadCollective.Run(2, collective => WithTrainer(
            Normalised, Options("none", "per-datum") with { Seed = 5 + (ulong)collective.Rank }, collective,
            TestBackends.Reference(1), _ => 0))).Message;

        Assert.Equal("process 1 has other options or data than process 0: start all alike, on the same files", message);
    }

    [Fact]
    public void AnObjectiveThatCouplesDataIsRefused()
    {
        using Backend backend = TestBackends.Reference(1);
        Assert.Equal(
            "simcse is no mean over data of which each counts by itself: it is trained in one process, not 2",
            Assert.Throws<DropoutLabException>(() => ThreadCollective.Run(2, collective =>
                new Trainer(Normalised, new SimCse(), Data(), Options("none", "per-datum"), backend, collective))).Message);
    }

    [Fact]
    public void AConfigurationSaysWhichStatistics()
    {
        using TemporaryFolder folder = new();
        RunConfiguration global = MadeUpSweep.Configuration("none");
        RunConfiguration local = global with { BatchStatistics = BatchStatistics.Local };
        global.Write(folder.Root);
        Assert.DoesNotContain("batch_statistics", File.ReadAllText(folder[RunConfiguration.FileName]), StringComparison.Ordinal);
        Assert.Equal(BatchStatistics.Global, RunConfiguration.Read(folder.Root).BatchStatistics);

        local.Write(folder.Root);

        Assert.Equal(BatchStatistics.Local, RunConfiguration.Read(folder.Root).BatchStatistics);
        Assert.Equal(BatchStatistics.Local, local.ToOptions().BatchStatistics);
        Assert.Equal("batch_statistics", global.FirstDifference(local)?.Name);
    }

    private static TrainingOptions Options(string rule, string sharing) => new()
    {
        Dropout = new DropoutSettings(DropoutRule.Parse(rule), SiteSelection.All, MaskSharing.Parse(sharing)),
        Epochs = Epochs,
        BatchSize = BatchSize,
        LearningRate = 0.05,
        Optimizer = new Sgd(momentum: 0.8, weightDecay: 0.05) { MaximumGradientNorm = 2 },
        Seed = 5,
        Precision = Precision.Float64,
    };

    private static TrainingData Data()
    {
        return new ImageDataset("made-up", ["a", "b", "c", "d"], Some(Images), Some(9))
            .Batches(PixelScaling.PerChannel, Augmentation.Parse("flip"));

        static ImageSet Some(int count)
        {
            byte[] pixels = new byte[count * 6 * 5 * 3];
            new System.Random(count).NextBytes(pixels);
            return new ImageSet(6, 5, 3, pixels, (byte[])[.. Enumerable.Range(0, count).Select(i => (byte)(i % 4))]);
        }
    }

    /// <summary>What each process has in the end: losses, in training and test by turns, and all arrays.</summary>
    private static (double[] Losses, double[][] Weights)[] Train(
        Network network, TrainingOptions options, int size, Func<Backend> backend) =>
        ThreadCollective.Run(size, collective => WithTrainer(network, options, collective, backend(), ToTheEnd));

    private static T WithTrainer<T>(
        Network network, TrainingOptions options, ICollective collective, Backend backend, Func<Trainer, T> use)
    {
        using (backend)
        {
            using Trainer trainer = new(network, new CrossEntropy(0.1), Data(), options, backend, collective);
            trainer.ShareState();
            return use(trainer);
        }
    }

    private static (double[], double[][]) ToTheEnd(Trainer trainer)
    {
        List<double> losses = [];
        while (!trainer.IsFinished)
        {
            EpochMetrics metrics = trainer.RunEpoch();
            losses.AddRange([metrics.TrainLoss, metrics.TestLoss]);
        }

        return ([.. losses],
            [.. trainer.Parameters.Parameters.Select(one => trainer.Parameters.Read(one.Name, ParameterArray.Value))]);
    }

    private static Dictionary<string, double[]> FirstGradients(TrainingOptions options, ICollective collective)
    {
        Dictionary<string, double[]> gradients = [];
        using Backend backend = TestBackends.Reference(1);
        using Trainer trainer = new(
            SmallNetworks.Residual, new CrossEntropy(0.1), Data(), options, backend, collective)
        {
            GradientsReady = store =>
            {
                foreach (Parameter parameter in gradients.Count == 0 ? store.Parameters : [])
                    gradients.Add(parameter.Name, store.Read(parameter.Name, ParameterArray.Gradient));
            },
        };
        trainer.RunEpoch();
        return gradients;
    }

    private static double[][] Masks(Backend backend, MinibatchPart part, string sharing)
    {
        Classified built = Classified.Build(
            SmallNetworks.Convolutional, part.Count, new DropoutSettings(
                DropoutRule.Parse("augmented:0.3/0.2"), SiteSelection.All, MaskSharing.Parse(sharing)));
        using ParameterStore store = new(built.Parameters, Precision.Float32);
        Value[] masks = [.. TopologicalOrder.Of([built.Loss, new Differentiation(built.Loss).Of(built.WeightLayers[0].Output)!])
            .Where(value => value.Operator is DrawMask)];
        using Plan plan = backend.Compile(PlanRequest.Train(built.Loss, masks, store), Precision.Float32);
        plan.Run(seed: 3, step: 4, (uint)part.Begin);
        return [.. masks.Select(plan.Read)];
    }

    private static void AssertNear(double[] expected, double[] actual, double tolerance)
    {
        double largest = expected.Max(Math.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance * Math.Max(largest, 1e-3)));
    }

    private sealed class LastStep(Action<int> told) : IProgress<StepProgress>
    {
        public int Step { get; private set; }

        public void Report(StepProgress value) => told(Step = value.Step);
    }
}
