using DropoutLab.Backends;
using DropoutLab.Backends.Reference;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Tests.Definitions;
using DropoutLab.Training;

namespace DropoutLab.Tests.Sentences;

/// <summary>Every rule at every place of an encoder at once: each gradient against the closed form.</summary>
public sealed class EncoderDefinitionTests
{
    private const int MaxTokens = 5;

    private static readonly EncoderShape Shape = new(
        HiddenSize: 6, LayerCount: 1, HeadCount: 2, IntermediateSize: 7, VocabularySize: 9);

    private static readonly int[][] Sentences = [[1, 4, 8, 2], [3], [5, 5, 0, 7, 6]];

    [Theory]
    [InlineData("none", "per-datum")]
    [InlineData("standard:0.3", "per-datum")]
    [InlineData("standard:0.3", "per-minibatch")]
    [InlineData("standard:0.3", "channel")]
    [InlineData("forward:0.3", "per-datum")]
    [InlineData("backward:0.3", "per-datum")]
    [InlineData("augmented:0.3/0.2", "per-datum")]
    [InlineData("augmented-independent:0.3/0.2", "per-datum")]
    public void EveryGradientIsItsDefinition(string rule, string sharing)
    {
        DropoutSettings dropout = new(DropoutRule.Parse(rule), SiteSelection.All, MaskSharing.Parse(sharing));
        Network network = Bert.Sentences("small", Shape, MaxTokens, Pooling.Mean);
        using ReferenceBackend backend = new(1);
        using ParameterStore store = new(network.Parameters, Precision.Float64);
        SentenceStep.Randomise(store, seed: 6);
        using NetworkPlan plan = network.Build(Sentences.Length, dropout).TrainingPlan(backend, store, new MeanSquareError());
        double[] targets = [.. Enumerable.Range(0, Sentences.Length * Shape.HiddenSize).Select(i => Math.Sin(i))];
        plan.Write(Bert.Tokens, Sentences.SelectMany(tokens => tokens.Concat(new int[MaxTokens - tokens.Length])).ToArray());
        plan.Write(Bert.Lengths, Sentences.Select(tokens => tokens.Length).ToArray());
        plan.Write(MeanSquareError.TargetValues, targets);
        plan.Run(seed: 21, step: 3);

        EncoderClosedForm closed = new(
            network, Shape, dropout, name => store.Read(name, ParameterArray.Value), seed: 21, step: 3);
        double loss = 0;
        for (int n = 0; n < Sentences.Length; n++)
        {
            double[] own = targets[(n * Shape.HiddenSize)..][..Shape.HiddenSize];
            double[] y = closed.Add(
                n, Sentences[n], MaxTokens, output => [.. output.Zip(own, (a, b) => 2 * (a - b) / targets.Length)]);
            loss += y.Zip(own, (a, b) => (a - b) * (a - b)).Sum() / targets.Length;
        }

        Assert.Equal(loss, plan.Loss, 1e-12);
        Assert.Equal(network.Parameters.Select(parameter => parameter.Name).Order(), closed.Gradients.Keys.Order());
        foreach ((string name, double[] gradient) in closed.Gradients)
            Assert.All(
                gradient.Zip(store.Read(name, ParameterArray.Gradient)), pair => Assert.Equal(pair.First, pair.Second, 1e-10));
    }

    /// <summary>
    /// With a mask for each sentence, one backward pass over a batch is the sum of those over its sentences, each through the
    /// network that its masks thin: where J is a sum over sentences. SimCSE's is none, for a sentence's negatives are the others:
    /// alone, a pair has nothing to tell it from, and J and its gradient are 0.
    /// </summary>
    [Fact]
    public void OneBackwardPassIsTheSumOfTheThinnedNetworks()
    {
        DropoutSettings dropout = new(DropoutRule.Standard(0.3));
        Dictionary<string, double[]> whole = Gradients(new MeanSquareError(), dropout, [0, 1, 2, 3], firstDatum: 0);
        foreach (int n in Enumerable.Range(0, 4))
        {
            foreach ((string name, double[] part) in Gradients(new MeanSquareError(), dropout, [n], (uint)n))
                whole[name] = [.. whole[name].Zip(part, (all, own) => all - own)];
        }

        Assert.All(whole.Values.SelectMany(gradient => gradient), rest => Assert.Equal(0, rest, 1e-12));
        double[] coupled = Gradients(new SimCse(), dropout, [0, 1, 2, 3], firstDatum: 0)["head.dense.weight"];
        Assert.True(coupled.Sum(Math.Abs) > 0.1);
        Assert.All(Gradients(new SimCse(), dropout, [2, 3], firstDatum: 2)["head.dense.weight"],
            number => Assert.Equal(0, number, 1e-12));
    }

    private static Dictionary<string, double[]> Gradients(
        Objective objective, DropoutSettings dropout, int[] chosen, uint firstDatum)
    {
        Network network = Bert.Sentences("small", Shape, MaxTokens, Pooling.Mean);
        using ReferenceBackend backend = new(1);
        using ParameterStore store = new(network.Parameters, Precision.Float64);
        SentenceStep.Randomise(store, seed: 6);
        using NetworkPlan plan = network.Build(chosen.Length, dropout).TrainingPlan(backend, store, objective, minibatchSize: 4);
        int[][] sentences = [.. chosen.Select(n => Sentences[n % Sentences.Length])];
        plan.Write(Bert.Tokens, sentences.SelectMany(tokens => tokens.Concat(new int[MaxTokens - tokens.Length])).ToArray());
        plan.Write(Bert.Lengths, sentences.Select(tokens => tokens.Length).ToArray());
        if (plan.Inputs.Has(MeanSquareError.TargetValues))
        {
            plan.Write(MeanSquareError.TargetValues, chosen.SelectMany(n =>
                Enumerable.Range(0, Shape.HiddenSize).Select(c => Math.Cos(n * Shape.HiddenSize + c))).ToArray());
        }

        plan.Run(seed: 21, step: 3, firstDatum);
        return network.Parameters.ToDictionary(
            parameter => parameter.Name, parameter => store.Read(parameter.Name, ParameterArray.Gradient));
    }
}
