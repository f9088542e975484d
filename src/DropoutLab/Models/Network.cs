using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Layers;

namespace DropoutLab.Models;

/// <summary>An image's axes.</summary>
public readonly record struct ImageShape(int Height, int Width, int Channels)
{
    internal int[] Axes => [Height, Width, Channels];

    public override string ToString() => $"{Height}×{Width}×{Channels}";
}

/// <summary>A classifier of images: how its logits come from its input, written once and built for any batch size.</summary>
public sealed class Network
{
    private readonly Func<NetworkBuilder, Value, Value> define;

    /// <param name="name">The name in results and checkpoints.</param>
    /// <param name="input">What one image is.</param>
    /// <param name="classCount">The number of logits.</param>
    /// <param name="define">Takes images [N, H, W, C] to logits [N, classes].</param>
    public Network(string name, ImageShape input, int classCount, Func<NetworkBuilder, Value, Value> define)
    {
        Name = name;
        Input = input;
        ClassCount = classCount;
        this.define = define;
        BuiltNetwork one = Build(1, new Dictionary<string, DropoutRule>(), MaskSharing.PerDatum, StatisticsSource.Batch);
        Parameters = one.Parameters;
        Sites = [.. one.WeightLayers.Select(layer => layer.Site)];
    }

    public string Name { get; }

    public ImageShape Input { get; }

    public int ClassCount { get; }

    /// <summary>Every trained array and every running average, in the order of the layers.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Where dropout may go: the inputs of the weight layers, in order.</summary>
    public IReadOnlyList<DropoutSite> Sites { get; }

    /// <summary>The graph for a batch of <paramref name="batchSize"/> images.</summary>
    /// <param name="batchSize">N.</param>
    /// <param name="dropout">Rule, sites and sharing.</param>
    /// <param name="statistics">What normalisation reads.</param>
    /// <param name="masksAreInputs">
    /// Whether the masks of the sites are inputs that a plan is given (<see cref="WeightLayer.Masks"/>), instead of drawn. What
    /// shares a bit is then up to whoever makes them.
    /// </param>
    /// <exception cref="DropoutLabException">A named dropout site is not one of the network's, or the sharing does not fit one.</exception>
    public BuiltNetwork Build(
        int batchSize, DropoutSettings dropout, StatisticsSource statistics = StatisticsSource.Batch, bool masksAreInputs = false) =>
        Build(batchSize, dropout.RulesAt(Sites, Name), dropout.Sharing, statistics, masksAreInputs);

    private BuiltNetwork Build(
        int batchSize, IReadOnlyDictionary<string, DropoutRule> rules, MaskSharing sharing, StatisticsSource statistics,
        bool masksAreInputs = false)
    {
        NetworkBuilder builder = new(rules, sharing, statistics, masksAreInputs);
        Value images = Operations.Input("images", new Shape(batchSize, Input.Height, Input.Width, Input.Channels));
        Value labels = Operations.Input("labels", new Shape(batchSize), ElementKind.Label);
        Value logits = define(builder, images);
        if (logits.Shape != new Shape(batchSize, ClassCount))
            throw new DropoutLabException($"{Name} gives {logits.Shape}; a classifier of {ClassCount} classes must give [{batchSize}, {ClassCount}]");
        return new BuiltNetwork(images, labels, logits, builder.Parameters, builder.WeightLayers, builder.Updates);
    }
}

/// <summary>A network's graph for one batch size.</summary>
/// <param name="Images">The input [N, H, W, C].</param>
/// <param name="Labels">The input [N].</param>
/// <param name="Logits">[N, classes].</param>
/// <param name="Parameters">Every trained array and every running average, in the order of the layers.</param>
/// <param name="WeightLayers">What each weight layer read and gave.</param>
/// <param name="Updates">The running averages after a training step, and where they are kept.</param>
public sealed record BuiltNetwork(
    Value Images, Value Labels, Value Logits, IReadOnlyList<Parameter> Parameters, IReadOnlyList<WeightLayer> WeightLayers,
    IReadOnlyDictionary<Value, Parameter> Updates)
{
    /// <summary>J, the mean over the batch.</summary>
    public Value Loss { get; } = Operations.SoftmaxCrossEntropy(Logits, Labels);

    /// <summary>How many data are classified right.</summary>
    public Value Correct { get; } = Operations.CorrectCount(Logits, Labels);
}
