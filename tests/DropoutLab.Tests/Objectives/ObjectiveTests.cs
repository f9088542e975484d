using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Storage;
using DropoutLab.Training;

namespace DropoutLab.Tests.Objectives;

/// <summary>
/// Losses and metrics against closed forms, their gradients against finite differences, both backends against each other.
/// </summary>
public sealed class ObjectiveTests
{
    private const int Batch = 6, Outputs = 5;

    private static readonly Network Linear =
        new("linear", new Shape(3), Outputs, (builder, x) => new Linear("fc", Outputs).Apply(builder, x));

    private static readonly int[] Labels = [0, 4, 2, 2, 1, 3];

    public static TheoryData<Objective> All =>
        [new CrossEntropy(), new CrossEntropy(LabelSmoothing: 0.2), new MeanSquareError(), new Mixed(0.3, 1.7)];

    [Theory]
    [MemberData(nameof(All))]
    public void TheLossIsItsDefinition(Objective objective)
    {
        using Step step = new(TestBackends.Reference(), objective, Precision.Float64);

        Assert.Equal(Definition(objective, step.Predictions, step.Targets), step.Plan.Loss, 1e-12);
    }

    /// <summary>∂J/∂W and ∂J/∂b, for which the weight of a part of a minibatch is a factor.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void TheGradientIsThatOfFiniteDifferences(Objective objective)
    {
        foreach (int minibatch in new[] { Batch, 2 * Batch })
        {
            using Step step = new(TestBackends.Reference(), objective, Precision.Float64, minibatch);
            foreach (Parameter parameter in Linear.Parameters)
            {
                step.Plan.Run();
                double[] gradient = step.Store.Read(parameter.Name, ParameterArray.Gradient),
                    values = step.Store.Read(parameter.Name, ParameterArray.Value);
                for (int i = 0; i < values.Length; i++)
                {
                    double difference = (LossAt(values[i] + 1e-6) - LossAt(values[i] - 1e-6)) / 2e-6;
                    Assert.Equal(difference * Batch / minibatch, gradient[i], 1e-8);

                    double LossAt(double value)
                    {
                        double[] moved = [.. values];
                        moved[i] = value;
                        step.Store.Write(parameter.Name, ParameterArray.Value, moved);
                        step.Plan.Run();
                        step.Store.Write(parameter.Name, ParameterArray.Value, values);
                        return step.Plan.Loss;
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void TheFastBackendAgreesWithThePlainOne(Objective objective)
    {
        using OneDnnBackend fast = TestBackends.OneDnn();
        using Step plain = new(TestBackends.Reference(), objective, Precision.Float32),
            quick = new(fast, objective, Precision.Float32);
        Assert.Equal(plain.Plan.Loss, quick.Plan.Loss, 1e-5);
        foreach (Parameter parameter in Linear.Parameters)
        {
            Assert.InRange(TestBackends.RelativeDistance(
                plain.Store.Read(parameter.Name, ParameterArray.Gradient),
                quick.Store.Read(parameter.Name, ParameterArray.Gradient)), 0, 1e-5);
        }
    }

    [Fact]
    public void CrossEntropyTellsTheLossWithoutSmoothingAndWhatIsRight()
    {
        using Step step = new(TestBackends.Reference(), new CrossEntropy(LabelSmoothing: 0.2), Precision.Float64);
        using NetworkPlan plan = Linear.Build(Batch, DropoutSettings.None, StatisticsSource.RunningAverage)
            .EvaluationPlan(step.Backend, step.Store, new CrossEntropy(LabelSmoothing: 0.2));
        step.Fill(plan);
        plan.Run();

        Assert.Equal(Definition(new CrossEntropy(), step.Predictions, step.Targets), plan.SumOf(Objective.Loss) / Batch, 1e-12);
        Assert.Equal(Definition(new CrossEntropy(0.2), step.Predictions, step.Targets), plan.Loss, 1e-12);
        int right = Labels.Where((label, n) => step.Predictions[n].IndexOf(step.Predictions[n].Max()) == label).Count();
        Assert.Equal(right, plan.SumOf(CrossEntropy.Accuracy));
    }

    /// <summary>
    /// Two parts of a minibatch, on plans of their own, with the masks of their places: their gradients add up to the whole
    /// one's.
    /// </summary>
    [Fact]
    public void PartsOfAMinibatchAddUp()
    {
        using Backend backend = TestBackends.Reference();
        Dictionary<string, double[]> sum = [];
        foreach ((int first, int count) in new[] { (0, 2), (2, 4) })
            Add(sum, GradientsOf(backend, first, count, Batch));
        foreach ((string name, double[] whole) in GradientsOf(backend, 0, Batch, Batch))
            Assert.All(whole.Zip(sum[name]), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }

    [Fact]
    public void ASecondRunOfAStepGivesTheSameBits()
    {
        foreach (Backend backend in TestBackends.All())
        {
            using (backend)
            {
                using ParameterStore store = new(SmallNetworks.Residual.Parameters, Precision.Float32);
                store.Initialise(3);
                using NetworkPlan plan = SmallNetworks.Residual.Build(4, new DropoutSettings(DropoutRule.Augmented(0.3, 0.1)))
                    .TrainingPlan(backend, store, new CrossEntropy());
                System.Random random = new(1);
                plan.Write(Network.InputName, Enumerable.Range(0, 4 * 6 * 5 * 3).Select(_ => random.NextSingle()).ToArray());
                plan.Write(CrossEntropy.Labels, (int[])[0, 1, 2, 3]);
                plan.Run(seed: 5, step: 7);
                float[][] once = All(store);
                plan.Run(seed: 5, step: 7);
                Assert.Equal(once, All(store));
            }
        }

        static float[][] All(ParameterStore store) =>
        [
            .. store.Parameters.Select(parameter => store.ReadSingle(parameter.Name, ParameterArray.Value)),
            .. store.Parameters.Select(parameter => store.ReadSingle(parameter.Name, ParameterArray.Gradient)),
        ];
    }

    [Fact]
    public void WhatIsNotThereIsNamed()
    {
        BuiltNetwork built = Linear.Build(Batch, DropoutSettings.None);
        OneLine.Throws(() => new CrossEntropy(Logits: "early").On(built), "cross-entropy", "early", "the network has output");
        OneLine.Throws(() => new CrossEntropy(LabelSmoothing: 1).On(built), "label smoothing", "[0, 1)", "not 1");
        using Backend backend = TestBackends.Reference();
        using ParameterStore store = new(Linear.Parameters, Precision.Float32);
        OneLine.Throws(() => built.EvaluationPlan(backend, store), "RunningAverage");
        using NetworkPlan plan = built.TrainingPlan(backend, store, new MeanSquareError());
        OneLine.Throws(() => plan.Write("pictures", new float[1]), "no input pictures", "input, targets");
        OneLine.Throws(() => plan.Write(Network.InputName, new float[1]), "[6, 3]", "not 1");
    }

    private static void Add(Dictionary<string, double[]> sum, Dictionary<string, double[]> part)
    {
        foreach ((string name, double[] gradient) in part)
            sum[name] = sum.TryGetValue(name, out double[]? before) ? [.. before.Zip(gradient, (a, b) => a + b)] : gradient;
    }

    private static Dictionary<string, double[]> GradientsOf(Backend backend, int first, int count, int minibatch)
    {
        using ParameterStore store = new(SmallNetworks.Dense.Parameters, Precision.Float64);
        store.Initialise(3);
        using NetworkPlan plan = SmallNetworks.Dense.Build(count, new DropoutSettings(DropoutRule.Forward(0.4)))
            .TrainingPlan(backend, store, new CrossEntropy(LabelSmoothing: 0.1), minibatch);
        System.Random random = new(2);
        double[] images = [.. Enumerable.Range(0, Batch * 12).Select(_ => random.NextDouble())];
        plan.Write(Network.InputName, images.AsSpan(first * 12, count * 12));
        plan.Write(CrossEntropy.Labels, ((int[])[0, 1, 2, 3, 0, 1]).AsSpan(first, count));
        plan.Run(seed: 5, step: 7, (uint)first);
        return store.Parameters.ToDictionary(
            parameter => parameter.Name, parameter => store.Read(parameter.Name, ParameterArray.Gradient));
    }

    private static double Definition(Objective objective, double[][] predictions, double[][] targets) => objective switch
    {
        CrossEntropy loss => predictions.Select((z, n) => Enumerable.Range(0, Outputs).Sum(k =>
            -((k == Labels[n] ? 1 - loss.LabelSmoothing : 0) + loss.LabelSmoothing / Outputs) * Math.Log(
                Math.Exp(z[k]) / z.Sum(Math.Exp)))).Average(),
        MeanSquareError =>
            predictions.SelectMany((y, n) => y.Select((value, k) => (value - targets[n][k]) * (value - targets[n][k]))).Average(),
        Mixed mixed => mixed.First * Definition(new CrossEntropy(0.1), predictions, targets)
            + mixed.Second * Definition(new MeanSquareError(), predictions, targets),
        _ => throw new ArgumentOutOfRangeException(nameof(objective)),
    };

    /// <summary>A weighted sum of two losses, which neither is the last value of.</summary>
    public sealed record Mixed(double First, double Second) : Objective
    {
        public override string Name => "mixed";

        public override IReadOnlyList<BatchInput> Targets(IReadOnlyDictionary<string, Value> outputs) =>
            [.. new CrossEntropy().Targets(outputs), .. new MeanSquareError().Targets(outputs)];

        public override ObjectiveValues Apply(
            IReadOnlyDictionary<string, Value> outputs, IReadOnlyDictionary<string, Value> targets) => new(Operations.Add(
                Operations.Scale(new CrossEntropy(0.1).Apply(outputs, targets).Loss, First),
                Operations.Scale(new MeanSquareError().Apply(outputs, targets).Loss, Second)));
    }

    private sealed class Step : IDisposable
    {
        private readonly double[] inputs, targets;

        public Step(Backend backend, Objective objective, Precision precision, int minibatch = Batch)
        {
            Backend = backend;
            Store = new ParameterStore(Linear.Parameters, precision);
            System.Random random = new(4);
            double[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() * 2 - 1)];
            foreach (Parameter parameter in Linear.Parameters)
                Store.Write(parameter.Name, ParameterArray.Value, Numbers(parameter.Shape.Count));
            (inputs, targets) = (Numbers(Batch * 3), Numbers(Batch * Outputs));
            Plan = Linear.Build(Batch, DropoutSettings.None).TrainingPlan(backend, Store, objective, minibatch);
            Fill(Plan);
            Plan.Run();
        }

        public Backend Backend { get; }

        public ParameterStore Store { get; }

        public NetworkPlan Plan { get; }

        public double[][] Targets => [.. targets.Chunk(Outputs)];

        /// <summary>W x + b.</summary>
        public double[][] Predictions
        {
            get
            {
                double[] w = Store.Read("fc.weight", ParameterArray.Value), b = Store.Read("fc.bias", ParameterArray.Value);
                return [.. inputs.Chunk(3)
                    .Select(x => b.Select((bias, k) => bias + x.Select((value, i) => value * w[k * 3 + i]).Sum()).ToArray())];
            }
        }

        public void Fill(NetworkPlan plan)
        {
            plan.Write(Network.InputName, inputs);
            if (plan.Inputs.Has(CrossEntropy.Labels))
                plan.Write(CrossEntropy.Labels, Labels);
            if (plan.Inputs.Has(MeanSquareError.TargetValues))
                plan.Write(MeanSquareError.TargetValues, targets);
        }

        public void Dispose()
        {
            Plan.Dispose();
            Store.Dispose();
        }
    }
}
