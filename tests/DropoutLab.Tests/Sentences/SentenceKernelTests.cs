using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Backends.Reference;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Tests.Definitions;
using DropoutLab.Training;

namespace DropoutLab.Tests.Sentences;

/// <summary>The fast kernels, which keep no padding, against the plain loops, which do; and masks that know of neither.</summary>
public sealed class SentenceKernelTests
{
    /// <summary>
    /// Widths that are no multiple of a vector, one head and several, one token, the longest sentence, a batch of one pair.
    /// </summary>
    public static TheoryData<string, string, int[], EncoderShape, int> Cases => new()
    {
        { "simcse", "none", [7, 3, 1, 5, 2, 2], SentenceStep.Small, 7 },
        { "simcse", "standard:0.3", [7, 3, 1, 5, 2, 2], SentenceStep.Small, 7 },
        { "simcse-cls", "augmented:0.3/0.1", [4, 1], Shape(width: 24, heads: 1, layers: 1), 5 },
        { "simcse", "forward:0.4", [33, 18, 2, 40, 40, 9], Shape(width: 35, heads: 5, layers: 2), 40 },
        { "simcse", "backward:0.4", [9, 10, 11, 12], Shape(width: 48, heads: 3, layers: 1), 17 },
        { "simcse", "augmented-independent:0.3/0.2", [1, 1], Shape(width: 32, heads: 2, layers: 1), 1 },
        { "masked-tokens", "none", [7, 3, 1, 5, 2, 2], SentenceStep.Small, 7 },
        { "masked-tokens", "standard:0.2", [19, 1, 6], Shape(width: 20, heads: 2, layers: 2), 19 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void TheFastBackendAgreesWithThePlainOne(
        string objective, string rule, int[] lengths, EncoderShape shape, int maxTokens)
    {
        using OneDnnBackend fast = TestBackends.OneDnn(threads: 2);
        using ReferenceBackend plain = new(2);
        DropoutSettings dropout = new(DropoutRule.Parse(rule));
        using SentenceStep expected = new(plain, Precision.Float64, objective, dropout, lengths, shape, maxTokens);
        using SentenceStep actual = new(fast, Precision.Float32, objective, dropout, lengths, shape, maxTokens);
        SentenceStep.Randomise(expected.Store, seed: 3, size: 0.3);
        SentenceStep.Randomise(actual.Store, seed: 3, size: 0.3);
        Dictionary<string, double[]> gradients = expected.Gradients();
        double norm = Math.Sqrt(gradients.Values.Sum(gradient => gradient.Sum(number => number * number)));
        foreach ((string name, double[] gradient) in actual.Gradients())
        {
            double distance = Math.Sqrt(gradients[name].Zip(gradient, (a, b) => (a - b) * (a - b)).Sum());
            Assert.True(distance <= 2e-5 * Math.Max(norm, 1), $"{name}: {distance} of {norm}");
        }

        Assert.Equal(expected.Plan.Loss, actual.Plan.Loss, 2e-5);
    }

    /// <summary>What a caller reads is padded, 0 beyond a sentence's length.</summary>
    [Fact]
    public void HiddenStatesAreThoseOfThePlainLoops()
    {
        using OneDnnBackend fast = TestBackends.OneDnn(threads: 2);
        using ReferenceBackend plain = new(1);
        int[] lengths = [5, 1, 7];
        double[] expected = Hidden(plain, Precision.Float64, lengths), actual = Hidden(fast, Precision.Float32, lengths);
        int width = SentenceStep.Small.HiddenSize;
        for (int i = 0; i < expected.Length; i++)
        {
            bool isToken = i / width % SentenceStep.MaxTokens < lengths[i / width / SentenceStep.MaxTokens];
            Assert.Equal(isToken ? expected[i] : 0, actual[i], 1e-5);
        }
    }

    /// <summary>
    /// Alone at its place or among others, on one thread or two, on either backend: a sentence's embedding under dropout is the
    /// same but for rounding, for its masks are.
    /// </summary>
    [Fact]
    public void ASentenceHasTheSameMasksInAnyBatch()
    {
        using OneDnnBackend one = TestBackends.OneDnn(threads: 1);
        using OneDnnBackend two = TestBackends.OneDnn(threads: 2);
        double[] among = Dropped(two, [3, 6, 2], firstDatum: 0), onOne = Dropped(one, [3, 6, 2], firstDatum: 0);
        using ReferenceBackend plain = new(1);
        double[] padded = Dropped(plain, [3, 6, 2], firstDatum: 0), alone = Dropped(two, [3], firstDatum: 0);
        Assert.All(padded.Zip(among), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.All(onOne.Zip(among), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.All(alone.Zip(among), pair => Assert.Equal(pair.First, pair.Second, 1e-5));

        static double[] Dropped(Backend backend, int[] lengths, uint firstDatum)
        {
            using ParameterStore store = new(Encoder.Parameters, Precision.Float32);
            SentenceStep.Randomise(store, seed: 4);
            DropoutSettings dropout = new(DropoutRule.Standard(0.4));
            using NetworkPlan plan = Encoder.Build(lengths.Length, dropout, StatisticsSource.RunningAverage)
                .EvaluationPlan(backend, store);
            SentenceStep.Fill(plan, lengths, SentenceStep.Small, SentenceStep.MaxTokens);
            plan.Run(seed: 9, step: 4, firstDatum);
            return plan.Output();
        }
    }

    [Fact]
    public void WhatIsNoTokenOrNoLengthIsRefused()
    {
        using OneDnnBackend fast = TestBackends.OneDnn(threads: 2);
        using SentenceStep step = new(fast, Precision.Float32, "simcse", DropoutSettings.None, [2, 3]);
        step.Plan.Write(Bert.Lengths, (int[])[2, 8]);
        Assert.Contains("8 tokens; it must have 1 to 7", Assert.Throws<DropoutLabException>(() => step.Plan.Run()).Message,
            StringComparison.Ordinal);
        step.Plan.Write(Bert.Lengths, (int[])[2, 3]);
        int[] tokens = new int[2 * SentenceStep.MaxTokens];
        tokens[1] = 11;
        step.Plan.Write(Bert.Tokens, tokens);
        Assert.Contains(
            "token 11", Assert.Throws<DropoutLabException>(() => step.Plan.Run()).Message, StringComparison.Ordinal);
    }

    private static Network Encoder { get; } = Bert.Sentences("small", SentenceStep.Small, SentenceStep.MaxTokens, Pooling.Mean);

    private static EncoderShape Shape(int width, int heads, int layers) =>
        new(width, layers, heads, width + 3, 23, MaxPositions: 41);

    private static double[] Hidden(Backend backend, Precision precision, int[] lengths)
    {
        Network network = Bert.HiddenStates("small", SentenceStep.Small, SentenceStep.MaxTokens);
        using ParameterStore store = new(network.Parameters, precision);
        SentenceStep.Randomise(store, seed: 4);
        using NetworkPlan plan = network.Build(lengths.Length, DropoutSettings.None, StatisticsSource.RunningAverage)
            .EvaluationPlan(backend, store);
        SentenceStep.Fill(plan, lengths, SentenceStep.Small, SentenceStep.MaxTokens);
        plan.Run();
        return plan.Output();
    }
}
