using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Objectives;

namespace DropoutLab.Tests.Models;

/// <summary>A built network from images to logits, with the mean softmax cross-entropy as its loss.</summary>
internal sealed record Classified(BuiltNetwork Network, AppliedObjective Objective)
{
    public Value Images => Network.Input;

    public Value Labels => Objective.Targets[CrossEntropy.Labels];

    public Value Logits => Network.Output;

    public Value Loss => Objective.Loss;

    public IReadOnlyList<Parameter> Parameters => Network.Parameters;

    public IReadOnlyList<WeightLayer> WeightLayers => Network.WeightLayers;

    public IReadOnlyDictionary<Value, Parameter> Updates => Network.Updates;

    public static Classified Build(
        Network network, int batchSize, DropoutSettings dropout, StatisticsSource statistics = StatisticsSource.Batch)
    {
        BuiltNetwork built = network.Build(batchSize, dropout, statistics);
        return new Classified(built, new CrossEntropy().On(built));
    }
}
