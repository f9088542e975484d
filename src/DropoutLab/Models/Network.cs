using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Layers;

namespace DropoutLab.Models;

/// <summary>An image's axes.</summary>
public readonly record struct ImageShape(int Height, int Width, int Channels)
{
    /// <summary>[H, W, C].</summary>
    public static implicit operator Shape(ImageShape image) => new(image.Height, image.Width, image.Channels);

    /// <summary>A datum's shape as that of an image.</summary>
    /// <exception cref="DropoutLabException">It is none.</exception>
    public static ImageShape Of(Shape datum) => datum.Axes is [int height, int width, int channels]
        ? new ImageShape(height, width, channels)
        : throw new DropoutLabException(
            $"the network takes images [H, W, C], not {datum}: for rows of a table choose mlp or logistic-regression",
            SettingName.Model, "");

    /// <summary>Height, width and channels with crosses between.</summary>
    public override string ToString() => $"{Height}×{Width}×{Channels}";
}

/// <summary>
/// A network: how its outputs come from its inputs, by name, written once and built for any batch size. It knows no loss: that is
/// an objective's.
/// </summary>
public sealed class Network
{
    private readonly Func<NetworkBuilder, IReadOnlyDictionary<string, Value>, IReadOnlyDictionary<string, Value>> define;

    /// <summary>A network of any inputs and outputs.</summary>
    /// <param name="name">The name in results and checkpoints.</param>
    /// <param name="inputs">What a batch fills: names, and what a datum of each is.</param>
    /// <param name="define">Takes the inputs, a batch of each, to the outputs: [N, …] each.</param>
    /// <exception cref="DropoutLabException">The layers do not fit together, or there is no output of a batch.</exception>
    public Network(
        string name, IReadOnlyList<BatchInput> inputs,
        Func<NetworkBuilder, IReadOnlyDictionary<string, Value>, IReadOnlyDictionary<string, Value>> define)
    {
        (Name, Inputs, this.define) = (name, inputs, define);
        BuiltNetwork one = Build(1, new Dictionary<string, DropoutRule>(), MaskSharing.PerDatum, StatisticsSource.Batch);
        Parameters = one.Parameters;
        Sites = [.. one.WeightLayers.Select(layer => layer.Site)];
        OutputCounts = one.Outputs.ToDictionary(output => output.Key, output => output.Value.Shape.CountPerDatum);
    }

    /// <summary>
    /// A network from one array to numbers: its input is <see cref="InputName"/>, its output <see cref="OutputName"/>.
    /// </summary>
    /// <param name="name">The name in results and checkpoints.</param>
    /// <param name="input">What a datum is: an <see cref="ImageShape"/>, or [F] of a table's row.</param>
    /// <param name="outputCount">K: the logits of as many classes, or the numbers to predict.</param>
    /// <param name="define">Takes [N, …], images [N, H, W, C] for one, to [N, K].</param>
    /// <exception cref="DropoutLabException">The layers do not fit together, or give something else.</exception>
    public Network(string name, Shape input, int outputCount, Func<NetworkBuilder, Value, Value> define)
        : this(name, [new BatchInput(InputName, input)], (builder, inputs) =>
        {
            Value x = inputs[InputName], output = define(builder, x);
            Shape expected = new(x.Shape[0], outputCount);
            return output.Shape == expected
                ? new Dictionary<string, Value> { [OutputName] = output }
                : throw new DropoutLabException(
                    $"{name} gives {output.Shape}; a network of {outputCount} outputs must give {expected}");
        })
    {
    }

    /// <summary>The input's name of a network that has one.</summary>
    public const string InputName = "input";

    /// <summary>The output's name of a network that has one.</summary>
    public const string OutputName = "output";

    /// <summary>The name in results and checkpoints.</summary>
    public string Name { get; }

    /// <summary>What a batch fills.</summary>
    public IReadOnlyList<BatchInput> Inputs { get; }

    /// <summary>The numbers that each output has for a datum.</summary>
    public IReadOnlyDictionary<string, int> OutputCounts { get; }

    /// <summary>Every trained array and every running average, in the order of the layers.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Where dropout may go: the inputs of the weight layers, in order.</summary>
    public IReadOnlyList<DropoutSite> Sites { get; }

    /// <summary>The numbers that the only output has for a datum, such as the number of classes.</summary>
    /// <exception cref="DropoutLabException">There are several outputs.</exception>
    public int OutputCount => OutputCounts.Count == 1 ? OutputCounts.Values.First() : throw new DropoutLabException(
        $"{Name} has the outputs {string.Join(", ", OutputCounts.Keys)}; for this it must have one");

    /// <summary>The only input.</summary>
    /// <exception cref="DropoutLabException">There are several inputs.</exception>
    public BatchInput Input => Inputs.Count == 1 ? Inputs[0] : throw new DropoutLabException(
        $"{Name} has the inputs {string.Join(", ", Inputs.Select(input => input.Name))}; for this it must have one");

    /// <summary>The graph for a batch of <paramref name="batchSize"/> data.</summary>
    /// <param name="batchSize">N.</param>
    /// <param name="dropout">Rule, sites and sharing.</param>
    /// <param name="statistics">What normalisation reads.</param>
    /// <param name="masksAreInputs">
    /// Whether the masks of the sites are inputs that a plan is given (<see cref="WeightLayer.Masks"/>), instead of drawn. What
    /// shares a bit is then up to whoever makes them.
    /// </param>
    /// <exception cref="DropoutLabException">
    /// A named dropout site is not one of the network's, or the sharing does not fit one.
    /// </exception>
    public BuiltNetwork Build(
        int batchSize, DropoutSettings dropout, StatisticsSource statistics = StatisticsSource.Batch,
        bool masksAreInputs = false) =>
        Build(batchSize, dropout.RulesAt(Sites, Name), dropout.Sharing, statistics, masksAreInputs);

    /// <summary>
    /// The graph of a training step over a part of a minibatch, by whose statistics, if its size is not null, it normalises.
    /// </summary>
    internal BuiltNetwork BuildPart(int batchSize, int? minibatchSize, DropoutSettings dropout) => Build(
        batchSize, dropout.RulesAt(Sites, Name), dropout.Sharing, StatisticsSource.Batch, masksAreInputs: false, minibatchSize);

    private BuiltNetwork Build(
        int batchSize, IReadOnlyDictionary<string, DropoutRule> rules, MaskSharing sharing, StatisticsSource statistics,
        bool masksAreInputs = false, int? minibatchSize = null)
    {
        NetworkBuilder builder = new(rules, sharing, statistics, masksAreInputs, minibatchSize);
        Dictionary<string, Value> inputs = Inputs.ToDictionary(input => input.Name, input => input.Of(batchSize));
        IReadOnlyDictionary<string, Value> outputs = define(builder, inputs);
        if (outputs.Count == 0)
            throw new DropoutLabException($"{Name} gives nothing: a network must have an output");
        return new BuiltNetwork(
            batchSize, statistics, inputs, outputs, builder.Parameters, builder.WeightLayers, builder.Updates);
    }
}

/// <summary>A network's graph for one batch size.</summary>
/// <param name="BatchSize">N.</param>
/// <param name="Statistics">What it normalises by: the batch's statistics where it is built for training.</param>
/// <param name="Inputs">What a batch fills, by name: [N, …].</param>
/// <param name="Outputs">What the network gives, by name: [N, …].</param>
/// <param name="Parameters">Every trained array and every running average, in the order of the layers.</param>
/// <param name="WeightLayers">What each weight layer read and gave.</param>
/// <param name="Updates">The running averages after a training step, and whose they are.</param>
public sealed record BuiltNetwork(
    int BatchSize, StatisticsSource Statistics, IReadOnlyDictionary<string, Value> Inputs,
    IReadOnlyDictionary<string, Value> Outputs,
    IReadOnlyList<Parameter> Parameters, IReadOnlyList<WeightLayer> WeightLayers, IReadOnlyDictionary<Value, Parameter> Updates)
{
    /// <summary>The only input of a network that has one.</summary>
    public Value Input => Inputs.Values.Single();

    /// <summary>The only output of a network that has one.</summary>
    public Value Output => Outputs.Values.Single();
}
