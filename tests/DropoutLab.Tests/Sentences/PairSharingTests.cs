using DropoutLab.Backends;
using DropoutLab.Backends.Reference;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Training;

namespace DropoutLab.Tests.Sentences;

/// <summary>Two views of a sentence, under masks of their own and under one.</summary>
public sealed class PairSharingTests
{
    [Theory]
    [InlineData("pair", "standard:0.3", true)]
    [InlineData("per-minibatch", "standard:0.3", true)]
    [InlineData("per-datum", "standard:0.3", false)]
    [InlineData("per-datum", "backward:0.3", true)]
    public void ViewsUnderOneMaskAreOneVectorToTheBit(string sharing, string rule, bool areOne)
    {
        using ReferenceBackend backend = new(1);
        Network network = Bert.Sentences(
            "small", SentenceStep.Small, SentenceStep.MaxTokens, Pooling.Mean);
        using ParameterStore store = new(network.Parameters, Precision.Float32);
        store.Initialise(seed: 3);
        DropoutSettings dropout = new(DropoutRule.Parse(rule), Bert.OwnSites, MaskSharing.Parse(sharing));
        using NetworkPlan plan = network.Build(4, dropout, StatisticsSource.RunningAverage).EvaluationPlan(backend, store);
        int[] one = [1, 5, 7, 2, 0, 0, 0], other = [1, 3, 2, 0, 0, 0, 0];
        plan.Write(Bert.Tokens, (int[])[.. one, .. one, .. other, .. other]);
        plan.Write(Bert.Lengths, (int[])[4, 4, 3, 3]);

        plan.Run(seed: 5, step: 2);

        double[][] embeddings = [.. plan.Output(Bert.Embedding).Chunk(SentenceStep.Small.HiddenSize)];
        Assert.Equal(areOne, embeddings[0].SequenceEqual(embeddings[1]));
        Assert.Equal(areOne, embeddings[2].SequenceEqual(embeddings[3]));
        Assert.NotEqual(embeddings[0], embeddings[2]);
    }
}
