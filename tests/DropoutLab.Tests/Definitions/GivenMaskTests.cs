using System.Runtime.InteropServices;
using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Objectives;

namespace DropoutLab.Tests.Definitions;

/// <summary>Masks that are given as data train as those that are drawn: to the bit, where they are the same masks.</summary>
public sealed class GivenMaskTests
{
    private const int BatchSize = 9;
    private const ulong Seed = 21;
    private const uint Step = 4;

    private static readonly string[] Rules =
    [
        "none", "standard:0.3", "forward:0.3", "backward:0.3", "augmented:0.3/0.2", "augmented-independent:0.3/0.2",
        "augmented:0.1..0.5@10/0,0.4@3",
    ];

    public static TheoryData<string, string> NetworksAndRules() => SmallNetworks.With(Rules);

    [Theory, MemberData(nameof(NetworksAndRules))]
    public void AStepHasTheSameBits(string network, string rule) => AssertSameStep(network, rule, MaskSharing.PerDatum);

    [Theory]
    [InlineData("pair")]
    [InlineData("per-minibatch")]
    [InlineData("channel")]
    public void AStepWithSharedDrawsHasTheSameBits(string sharing) =>
        AssertSameStep("convolutional", "augmented:0.3/0.2", MaskSharing.Parse(sharing));

    /// <summary>y = x ⊙ ε/(1 − p) of given bits, as bytes, booleans and words, whose surplus bits change nothing.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(200)]
    public void WhatIsGivenIsWhatIsKept(int features)
    {
        System.Random random = new(features);
        bool[] keep = [.. Enumerable.Range(0, 3 * features).Select(_ => random.Next(2) == 0)];
        int wordsPerRow = (features + 63) / 64;
        ulong[] words = [.. Enumerable.Repeat(0UL, 3 * wordsPerRow)];
        for (int row = 0; row < 3; row++)
        {
            for (int feature = 0; feature < features; feature++)
                words[row * wordsPerRow + feature / 64] |= keep[row * features + feature] ? 1UL << feature % 64 : 0;
            words[(row + 1) * wordsPerRow - 1] |= features % 64 == 0 ? 0 : ulong.MaxValue << features % 64;
        }

        double[] expected = [.. keep.Select((kept, i) => kept ? (i + 1) / 0.75 : 0)];
        Value x = Operations.Input("x", new Shape(3, features)), mask = Operations.InputMask("m", x.Shape, 0.25);
        Value y = Operations.Masked(x, mask);
        foreach (Backend backend in TestBackends.All())
        {
            using (backend)
            {
                using ParameterStore store = new([], Precision.Float32);
                using Plan plan = backend.Compile(PlanRequest.Evaluate([y, mask], store), Precision.Float32);
                plan.Write(x, [.. Enumerable.Range(1, 3 * features).Select(i => (double)i)]);
                Action[] forms = [() => plan.Write(mask, keep), () => plan.Write(mask, words),
                    () => plan.Write(mask, Bytes(keep))];
                foreach (Action write in forms)
                {
                    plan.Write(mask, new bool[keep.Length]);
                    plan.Run();
                    Assert.All(plan.Read(y), value => Assert.Equal(0, value));
                    write();
                    plan.Run();
                    plan.Run();
                    Assert.Equal(keep.Select(kept => kept ? 1.0 : 0), plan.Read(mask));
                    Assert.All(expected.Zip(plan.Read(y)), pair => Assert.Equal(pair.First, pair.Second, 1e-6 * pair.First));
                }
            }
        }
    }

    [Fact]
    public void AMaskThatIsNotGivenOrDoesNotFitIsRefused()
    {
        Value x = Operations.Input("x", new Shape(2, 70)), mask = Operations.InputMask("mask of fc1", x.Shape, 0.5);
        Value drawn = Operations.DrawMask(new MaskSource(0, 0, 0.5, MaskSharing.PerDatum), x.Shape);
        using Backend backend = TestBackends.Reference();
        using ParameterStore store = new([], Precision.Float32);
        Value[] outputs = [Operations.Masked(x, mask), Operations.Masked(x, drawn)];
        using Plan plan = backend.Compile(PlanRequest.Evaluate(outputs, store), Precision.Float32);

        AssertRefused("mask of fc1", () => plan.Run());
        AssertRefused("2 × 2 words", () => plan.Write(mask, new ulong[3]));
        AssertRefused("140 elements", () => plan.Write(mask, new bool[141]));
        Assert.Throws<ArgumentException>(() => plan.Write(drawn, new bool[140]));
        Assert.Throws<ArgumentException>(() => plan.Write(x, new bool[140]));
        AssertRefused("ratio 1 ", () => Operations.InputMask("m", x.Shape, 1.0));

        static void AssertRefused(string part, Action action) =>
            Assert.Contains(part, Assert.Throws<DropoutLabException>(action).Message, StringComparison.Ordinal);
    }

    /// <summary>Of a backward view, which no evaluation reads, no plan of an evaluation has the mask.</summary>
    [Fact]
    public void AnEvaluationAsksForTheForwardPassMasksAlone()
    {
        Network network = SmallNetworks.Dense;
        using Backend backend = TestBackends.Reference();
        using ParameterStore store = new(network.Parameters, Precision.Float32);
        store.Initialise(1);
        DropoutSettings dropout = new(DropoutRule.Backward(0.5));
        BuiltNetwork built = network.Build(2, dropout, StatisticsSource.RunningAverage, masksAreInputs: true);
        using Plan plan = backend.Compile(PlanRequest.Evaluate([built.Output], store), Precision.Float32);
        plan.Run();
        Assert.Throws<ArgumentException>(() => plan.Write(built.WeightLayers[1].Masks[0], new bool[14]));
    }

    private static void AssertSameStep(string name, string text, MaskSharing sharing)
    {
        Network network = SmallNetworks.ByName(name);
        DropoutSettings dropout = new(DropoutRule.Parse(text), SiteSelection.All, sharing);
        foreach (Backend backend in TestBackends.All())
        {
            using (backend)
            {
                foreach (Precision precision in Enum.GetValues<Precision>().Where(backend.Supports))
                {
                    Dictionary<string, double[]> drawn = StepOf(network.Build(BatchSize, dropout), backend, precision);
                    BuiltNetwork fed = network.Build(BatchSize, dropout, masksAreInputs: true);
                    Dictionary<string, double[]> given = StepOf(fed, backend, precision);
                    Assert.All(drawn, array => Assert.True(
                        array.Value.AsSpan().SequenceEqual(given[array.Key]), $"{array.Key}, {backend.Name}, {precision}"));
                }
            }
        }

        Dictionary<string, double[]> StepOf(BuiltNetwork built, Backend backend, Precision precision)
        {
            using ParameterStore store = new(network.Parameters, precision);
            store.Initialise(Seed);
            AppliedObjective objective = new CrossEntropy().On(built);
            PlanRequest request = PlanRequest.Train(objective.Loss, [], store) with { Updates = built.Updates };
            using Plan plan = backend.Compile(request, precision);
            System.Random random = new(8);
            plan.Write(built.Input, [.. Enumerable.Range(0, built.Input.Shape.Count).Select(_ => random.NextDouble() - 0.5)]);
            plan.Write(objective.Targets[CrossEntropy.Labels],
                (int[])[.. Enumerable.Range(0, BatchSize).Select(_ => random.Next(network.OutputCount))]);
            foreach ((int number, WeightLayer layer) in built.WeightLayers.Index())
            {
                foreach ((int which, Value mask) in layer.Masks.Index().Where(mask => mask.Item.Operator is InputMask))
                {
                    MaskStream stream = new(Seed, number, which, Step, ((MaskOperator)mask.Operator).DropProbability.At(Step));
                    plan.Write(mask, MaskBits.Draw(stream, mask.Shape.Axes, sharing).Words);
                }
            }

            plan.Run(Seed, Step);
            Dictionary<string, double[]> result = store.Parameters.Where(parameter => parameter.IsTrained).ToDictionary(
                parameter => parameter.Name, parameter => store.Read(parameter.Name, ParameterArray.Gradient));
            result.Add("loss", [plan.ReadScalar(objective.Loss)]);
            return result;
        }
    }

    /// <summary>Kept ones are any bytes but 0.</summary>
    private static byte[] Bytes(bool[] keep) =>
        [.. MemoryMarshal.AsBytes<bool>(keep).ToArray().Select((value, i) => (byte)(value * (1 + i % 255)))];
}
