using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Layers;

/// <summary>What layers need while a network is built for a batch shape: parameters by name, and the sites of dropout.</summary>
public sealed class NetworkBuilder
{
    private readonly Dictionary<string, Value> parameters = [];
    private readonly List<WeightLayer?> layers = [];
    private readonly Dictionary<Value, Parameter> updates = [];
    private readonly IReadOnlyDictionary<string, DropoutRule> rules;
    private readonly MaskSharing sharing;
    private readonly StatisticsSource statistics;
    private readonly bool masksAreInputs;

    /// <param name="rules">Of each site that takes dropout.</param>
    /// <param name="sharing">Which elements of a site's input share a draw.</param>
    /// <param name="statistics">What normalisation reads.</param>
    /// <param name="masksAreInputs">Whether the sites' masks are given instead of drawn.</param>
    /// <param name="minibatchSize">See <see cref="MinibatchSize"/>.</param>
    internal NetworkBuilder(
        IReadOnlyDictionary<string, DropoutRule> rules, MaskSharing sharing, StatisticsSource statistics, bool masksAreInputs,
        int? minibatchSize)
    {
        MinibatchSize = minibatchSize;
        this.masksAreInputs = masksAreInputs;
        this.rules = rules;
        this.sharing = sharing;
        this.statistics = statistics;
    }

    /// <summary>
    /// Whether it is for training steps: dropout that a network applies itself belongs there alone. Not in evaluation, Monte
    /// Carlo passes included, whose dropout is that of <see cref="DropoutSettings"/>.
    /// </summary>
    public bool IsTraining => statistics == StatisticsSource.Batch;

    /// <summary>
    /// The data that the batch's statistics are of, where others compute some of them; null where they are the batch at hand.
    /// </summary>
    internal int? MinibatchSize { get; }

    internal IReadOnlyList<WeightLayer> WeightLayers => [.. layers.OfType<WeightLayer>()];

    internal IReadOnlyList<Parameter> Parameters =>
        [.. parameters.Values.Select(value => ((ParameterSource)value.Operator).Parameter)];

    /// <summary>What a training step gives running averages besides.</summary>
    internal IReadOnlyDictionary<Value, Parameter> Updates => updates;

    /// <summary>Declares a parameter; its name must be the network's only one.</summary>
    /// <exception cref="DropoutLabException">The name is taken, or a deviation or a factor is below 0 or no number.</exception>
    public Value Parameter(Parameter parameter)
    {
        RequireSensible(parameter);
        Value value = Operations.Parameter(parameter);
        if (!parameters.TryAdd(parameter.Name, value))
            throw new DropoutLabException($"two layers declare the parameter {parameter.Name}; layers' names must differ");
        return value;
    }

    /// <summary>
    /// A statistic of the batch in training, whose running average is kept under <paramref name="name"/>, and that average in
    /// evaluation.
    /// </summary>
    /// <param name="name">The running average's name; it must be the network's only one.</param>
    /// <param name="ofBatch">The statistic of the batch at hand.</param>
    /// <param name="initial">What the average starts with.</param>
    /// <param name="momentum">A step's part in the average.</param>
    /// <param name="correction">What the batch's statistic is multiplied with on its way into the average.</param>
    public Value Statistic(string name, Value ofBatch, double initial, double momentum, double correction)
    {
        Parameter parameter = new(name, ofBatch.Shape, 0, InitialMean: initial, IsTrained: false);
        Value average = Parameter(parameter);
        if (statistics == StatisticsSource.RunningAverage)
            return average;
        updates.Add(Operations.RunningAverage(average, ofBatch, momentum, correction), parameter);
        return ofBatch;
    }

    /// <summary>
    /// A weight layer: its input h passes through the dropout that the user chose for this site, and what comes out is what the
    /// layer computes from that. The layer itself knows nothing of dropout.
    /// </summary>
    /// <param name="name">The layer's name, which is its site's name too.</param>
    /// <param name="h">The layer's input.</param>
    /// <param name="compute">z from the two views of h.</param>
    /// <exception cref="DropoutLabException">The masks cannot be shared as the user chose: h has other axes.</exception>
    public Value WeightLayer(string name, Value h, Func<Value, Value> compute)
    {
        int number = layers.Count;
        layers.Add(null); // its place: a layer within this one takes the next number
        Value own = Operations.View(h);
        List<Value> masks = [];
        Value views = rules.TryGetValue(name, out DropoutRule? rule) ? Dropped(name, rule, number, own, masks) : own;
        Value z = compute(views);
        layers[number] = new WeightLayer(name, own, views, z) { Masks = masks };
        return z;
    }

    private static void RequireSensible(Parameter parameter)
    {
        foreach ((string what, double value) in new[]
        {
            ("the standard deviation of its initial values", parameter.InitialStandardDeviation),
            ("the factor of its learning rate", parameter.RateFactor),
            ("the factor of its weight decay", parameter.DecayFactor),
        })
        {
            if (!(value >= 0) || double.IsInfinity(value))
                throw new DropoutLabException($"{parameter.Name}: {what} must be a number from 0 on, not {value}");
        }
    }

    private Value Dropped(string name, DropoutRule rule, int number, Value h, List<Value> masks)
    {
        sharing.CheckFit(h.Shape.Axes, $"the input of {name}");
        return DropoutViews.Apply(h, rule, (which, dropProbability) =>
        {
            masks.Add(masksAreInputs
                ? Operations.InputMask($"{(which == 0 ? "first" : "second")} mask of {name}", h.Shape, dropProbability)
                : Operations.DrawMask(new MaskSource(number, which, dropProbability, sharing), h.Shape));
            return masks[^1];
        });
    }
}

/// <summary>A weight layer of a built network.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">h, before dropout.</param>
/// <param name="Views">What the layer reads: h, or its forward and backward views.</param>
/// <param name="Output">z, before the activation.</param>
public sealed record WeightLayer(string Name, Value Input, Value Views, Value Output)
{
    /// <summary>The masks of its site, the rule's first one first: drawn, or inputs to be filled. None without dropout.</summary>
    public IReadOnlyList<Value> Masks { get; init; } = [];

    /// <summary>The layer's input as a place where dropout may go.</summary>
    public DropoutSite Site => new(Name, Input.Shape.ToString(), IsNetworkInput(Input));

    private static bool IsNetworkInput(Value value) =>
        value.Operator is Input || (value.Operator is Reshape && IsNetworkInput(value.Inputs[0]));
}
