using System.Runtime.Intrinsics;
using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Optimization;
using DropoutLab.Random;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Models;
using DropoutLab.Training;
using static DropoutLab.Graph.Operations;

namespace DropoutLab.Tests.Training;

/// <summary>
/// Whole epochs of the trainer against steps taken one by one: initial weights, the order of the images, the numbers of steps,
/// rates, momentum and decay as docs/random-function.md and docs/mathematics.md define them; and what is told of them.
/// </summary>
public sealed class TrainerStepTests
{
    private const int Images = 11;
    private const int BatchSize = 4;
    private const int StepsPerEpoch = 3;
    private const int Epochs = 3;

    /// <summary>Biases that learn at twice the rate, and one standard deviation of the weights that is not He's.</summary>
    private static readonly Network Small = new("small", new ImageShape(3, 2, 2), 4, (builder, images) =>
    {
        Value h = Relu(new Linear("fc1", 7) { BiasRateFactor = 2 }.Apply(builder, images));
        return new Linear("fc2", 4) { WeightStandardDeviation = 0.3 }.Apply(builder, h);
    });

    private static readonly TrainingOptions Options = new()
    {
        Dropout = new DropoutSettings(DropoutRule.Parse("standard:0..0.4@7"), ["fc1", "fc2"], MaskSharing.PerDatum),
        Epochs = Epochs,
        BatchSize = BatchSize,
        LearningRate = 0.3,
        Optimizer = new Sgd(momentum: 0.8, weightDecay: 0.05),
        Schedule = new OneCycle(WarmUp: 1.0 / 3, StartDivisor: 10),
        Seed = (3UL << 32) + 17,
        Precision = Precision.Float64,
    };

    [Fact]
    public void AnEpochIsItsSteps()
    {
        ImageSet images = MadeUp(Images);
        using Backend backend = TestBackends.Reference(), another = TestBackends.Reference(1);
        using Trainer trainer = new(
            Small, new CrossEntropy(),
            new ImageDataset("made-up", ["a", "b", "c", "d"], images, MadeUp(count: 1)).Batches(PixelScaling.PerChannel),
            Options, backend);
        using ParameterStore byHand = new(Small.Parameters, Precision.Float64);
        another.Compile(Options.Optimizer, byHand); // makes room for momenta
        WriteInitial(byHand);
        AssertSame(byHand, trainer.Parameters);

        for (uint epoch = 0; epoch < Epochs; epoch++)
        {
            double[] losses = RunEpoch(another, images, byHand, epoch);
            StepList told = new();
            EpochMetrics metrics = trainer.RunEpoch(told, TestContext.Current.CancellationToken);

            Assert.Equal((int)epoch + 1, metrics.Epoch);
            Assert.Equal(losses.Average(), metrics.TrainLoss, 1e-12);
            Assert.Equal(RateOf(epoch * StepsPerEpoch), metrics.LearningRate, 1e-12);
            Assert.InRange(Images / metrics.DataPerSecond, double.Epsilon, metrics.Seconds);
            AssertSame(byHand, trainer.Parameters);
            AssertTold(told.Steps, (int)epoch + 1, losses);
        }
    }

    /// <summary>After each step: the epoch from 1, the steps done, and the mean of their losses.</summary>
    private static void AssertTold(IReadOnlyList<StepProgress> told, int epoch, double[] losses)
    {
        Assert.Equal([(epoch, 1, StepsPerEpoch), (epoch, 2, StepsPerEpoch), (epoch, 3, StepsPerEpoch)],
            told.Select(step => (step.Epoch, step.Step, step.StepCount)));
        for (int i = 0; i < losses.Length; i++)
            Assert.Equal(losses.Take(i + 1).Average(), told[i].MeanLoss, 1e-12);
    }

    /// <summary>Box and Muller of the array's own blocks.</summary>
    private static void WriteInitial(ParameterStore store)
    {
        Dictionary<string, double> deviations = new() { ["fc1.weight"] = Math.Sqrt(2.0 / 12), ["fc2.weight"] = 0.3 };
        for (int number = 0; number < store.Parameters.Count; number++)
        {
            Parameter parameter = store.Parameters[number];
            double deviation = deviations.GetValueOrDefault(parameter.Name);
            RandomStream stream = new(RandomPurpose.Initialisation, layer: number);
            store.Write(parameter.Name, ParameterArray.Value, (double[])[.. Enumerable.Range(0, parameter.Shape.Count).Select(i =>
            {
                Vector128<uint> words = new RandomFunction(Options.Seed).Block(stream, step: 0, datum: 0, block: (uint)i / 2);
                double u = (Math.Floor((words[0] + words[1] * Math.Pow(2, 32)) / 2048) + 1) / Math.Pow(2, 53);
                double v = Math.Floor((words[2] + words[3] * Math.Pow(2, 32)) / 2048) / Math.Pow(2, 53);
                double length = deviation * Math.Sqrt(-2 * Math.Log(u));
                return (double)(float)(length * (i % 2 == 0 ? Math.Cos(2 * Math.PI * v) : Math.Sin(2 * Math.PI * v)));
            })]);
            store.Write(parameter.Name, new ParameterArray(Sgd.MomentumState), new double[parameter.Shape.Count]);
        }
    }

    private static double[] RunEpoch(Backend backend, ImageSet images, ParameterStore store, uint epoch)
    {
        int[][] batches = [.. new RandomFunction(Options.Seed).Permutation(Images, epoch).Chunk(BatchSize)];
        Assert.Equal([4, 4, 3], batches.Select(batch => batch.Length));
        return [.. batches.Select((numbers, i) => RunStep(backend, images, store, numbers, epoch * StepsPerEpoch + (uint)i))];
    }

    private static double RunStep(Backend backend, ImageSet images, ParameterStore store, int[] numbers, uint step)
    {
        Classified built = Classified.Build(Small, numbers.Length, Options.Dropout);
        PixelTransform transform = PixelTransform.Fit(PixelScaling.PerChannel, images);
        using Plan plan = backend.Compile(PlanRequest.Train(built.Loss, [], store), Precision.Float64);
        plan.Write(built.Images, (double[])[.. numbers.SelectMany(number => images.Image(number).ToArray()
            .Select((pixel, i) => (pixel - (double)transform.Means.Span[i]) * transform.Factors.Span[i]))]);
        plan.Write(built.Labels, (int[])[.. numbers.Select(number => (int)images.Labels.Span[number])]);
        plan.Run(Options.Seed, step);
        foreach (string name in store.Parameters.Select(parameter => parameter.Name))
            Learn(store, name, RateOf(step) * (name == "fc1.bias" ? 2 : 1));
        return plan.ReadScalar(built.Loss);
    }

    /// <summary>v ← 0.8 v + η (∂J/∂w + 0.05 w), w ← w − v.</summary>
    private static void Learn(ParameterStore store, string name, double rate)
    {
        double[] w = store.Read(name, ParameterArray.Value), v = store.Read(name, new ParameterArray(Sgd.MomentumState)),
            g = store.Read(name, ParameterArray.Gradient);
        for (int i = 0; i < w.Length; i++)
        {
            v[i] = 0.8 * v[i] + rate * (g[i] + 0.05 * w[i]);
            w[i] -= v[i];
        }

        store.Write(name, ParameterArray.Value, w);
        store.Write(name, new ParameterArray(Sgd.MomentumState), v);
    }

    /// <summary>Of nine steps, three go up from a tenth of 0.3, and six down by a sixth each.</summary>
    private static double RateOf(uint step) => step < 3 ? 0.3 * (1 + 9 * step / 3.0) / 10 : 0.3 * (9 - step) / 6.0;

    private static void AssertSame(ParameterStore expected, ParameterStore actual)
    {
        foreach (Parameter parameter in expected.Parameters)
        {
            foreach (ParameterArray array in (ParameterArray[])[ParameterArray.Value, new ParameterArray(Sgd.MomentumState)])
            {
                double[] numbers = actual.Read(parameter.Name, array);
                Assert.All(
                    expected.Read(parameter.Name, array).Zip(numbers), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
            }
        }
    }

    private static ImageSet MadeUp(int count)
    {
        System.Random random = new(5);
        byte[] pixels = new byte[count * 12];
        random.NextBytes(pixels);
        return new ImageSet(3, 2, 2, pixels, Enumerable.Range(0, count).Select(i => (byte)(i % 4)).ToArray());
    }

    /// <summary>Keeps every report, at once and in order.</summary>
    private sealed class StepList : IProgress<StepProgress>
    {
        public List<StepProgress> Steps { get; } = [];

        public void Report(StepProgress value) => Steps.Add(value);
    }
}
