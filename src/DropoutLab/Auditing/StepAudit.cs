using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Objectives;

namespace DropoutLab.Auditing;

/// <summary>One training step (forward and backward pass, no update) with every array of it, as the engine computed it.</summary>
public sealed class StepAudit
{
    internal StepAudit(
        AuditSettings settings, AuditedArray images, int[] labels, double loss, IReadOnlyList<LayerAudit> layers,
        IReadOnlyDictionary<string, AuditedArray> parameters) =>
        (Settings, Images, Labels, Loss, Layers, Parameters) = (settings, images, labels, loss, layers, parameters);

    /// <summary>What was computed, and what computed it.</summary>
    public AuditSettings Settings { get; }

    /// <summary>The minibatch, [N, H, W, C] or [N, F], as the network reads it.</summary>
    public AuditedArray Images { get; }

    /// <summary>Each datum's class, from 0.</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <summary>J, the mean over the minibatch.</summary>
    public double Loss { get; }

    /// <summary>The network's weight layers in order.</summary>
    public IReadOnlyList<LayerAudit> Layers { get; }

    /// <summary>Every parameter and running average by name, as the step read it.</summary>
    public IReadOnlyDictionary<string, AuditedArray> Parameters { get; }

    /// <summary>Computes the step.</summary>
    /// <param name="network">The network; its loss is the mean softmax cross-entropy.</param>
    /// <param name="dropout">Rule, sites and sharing.</param>
    /// <param name="input">The minibatch, the seed and the parameters.</param>
    /// <param name="backend">What computes; it stays the caller's.</param>
    /// <param name="precision">What it computes in.</param>
    /// <exception cref="DropoutLabException">
    /// The network, its dropout and the minibatch do not fit together, or a layer of the network's own is neither convolution nor
    /// linear.
    /// </exception>
    public static StepAudit Run(Network network, DropoutSettings dropout, StepInput input, Backend backend, Precision precision)
    {
        Check(network, input);
        AuditSettings settings = AuditSettings.Of(network, dropout, input, backend, precision);
        lock (backend.Gate)
            return Compute(network, network.Build(input.Labels.Length, dropout), settings, input, backend, recorded: null);
    }

    /// <summary>
    /// Computes a step again with the masks of its audit as data: nothing is drawn but what the network draws itself. On the same
    /// backend, as on the same number of threads, every array is the same to the bit.
    /// </summary>
    /// <param name="recorded">The audit, as <see cref="AuditFile.Read"/> has it from a file.</param>
    /// <param name="network">The network that was audited.</param>
    /// <param name="backend">What computes; it stays the caller's.</param>
    /// <exception cref="DropoutLabException">
    /// The audit is of another network, or in a precision that is not the backend's.
    /// </exception>
    public static StepAudit Replay(StepAudit recorded, Network network, Backend backend)
    {
        RequireSame(recorded, network);
        AuditSettings settings = recorded.Settings with
        {
            Backend = AuditSettings.Description(backend),
            Threads = backend.Team.ThreadCount,
        };
        StepInput input = new(
            recorded.Images.Values, [.. recorded.Labels], settings.Seed, settings.Step,
            recorded.Parameters.ToDictionary(parameter => parameter.Key, parameter => parameter.Value.Values));
        Check(network, input);
        BuiltNetwork built = network.Build(input.Labels.Length, settings.Dropout, masksAreInputs: true);
        lock (backend.Gate)
            return Compute(network, built, settings, input, backend, recorded);
    }

    private static StepAudit Compute(
        Network network, BuiltNetwork built, AuditSettings settings, StepInput input, Backend backend, StepAudit? recorded)
    {
        AppliedObjective objective = new CrossEntropy().On(built);
        // Training never makes the images' gradient; here it is one of the things to look at.
        // So it is with a weight that is not trained.
        Differentiation differentiation = new(
            objective.Loss, alsoFor: [built.Input, .. built.WeightLayers.SelectMany(layer => layer.Output.Inputs.Skip(1))]);
        using ParameterStore store = new(network.Parameters, settings.Precision);
        Initialise(store, input);
        LayerValues[] layers = [.. built.WeightLayers.Select(layer => LayerValues.Of(layer, differentiation))];
        using Plan plan = backend.Compile(
            PlanRequest.Train(differentiation, [objective.Loss], [.. layers.SelectMany(layer => layer.All).Distinct()], store),
            settings.Precision);
        plan.Write(built.Input, input.Images);
        plan.Write(objective.Targets[CrossEntropy.Labels], input.Labels);
        foreach ((LayerValues layer, LayerAudit masks) in layers.Zip(recorded?.Layers ?? []))
            GiveMasks(plan, layer, masks);
        plan.Run(input.Seed, input.Step);
        return new StepAudit(
            settings, Read(plan, built.Input), input.Labels, plan.ReadScalar(objective.Loss),
            [.. layers.Select(layer => Audit(layer, plan, store))],
            network.Parameters.ToDictionary(
                parameter => parameter.Name,
                parameter => new AuditedArray(parameter.Shape, store.Read(parameter.Name, ParameterArray.Value))));
    }

    /// <summary>
    /// A factor is 0 where its mask drops, or another that it is multiplied with, and then the mask's own bit changes nothing.
    /// </summary>
    private static void GiveMasks(Plan plan, LayerValues layer, LayerAudit recorded)
    {
        Value[] forward = [.. LayerValues.Masks(layer.ForwardView, layer.Layer.Input)];
        foreach (Value mask in layer.Layer.Masks)
        {
            AuditedArray factor = forward.Contains(mask) ? recorded.ForwardFactor : recorded.BackwardFactor;
            plan.Write(mask, Array.ConvertAll(factor.Values, value => value != 0));
        }
    }

    private static void RequireSame(StepAudit recorded, Network network)
    {
        if (recorded.Settings.Network != network.Name)
            throw new DropoutLabException($"the audit is of {recorded.Settings.Network}, not of {network.Name}");
        foreach (Parameter parameter in network.Parameters)
        {
            if (!recorded.Parameters.TryGetValue(parameter.Name, out AuditedArray? found))
            {
                throw new DropoutLabException(
                    $"the audit has no array {parameter.Name}, which {network.Name} reads: write it again with this version");
            }

            if (found.Shape != parameter.Shape)
            {
                throw new DropoutLabException(
                    $"the audit's {parameter.Name} is {found.Shape}, that of {network.Name} is {parameter.Shape}");
            }
        }

        if (recorded.Images.Shape != new Shape([recorded.Labels.Count, .. network.Input.Datum.Axes]))
        {
            throw new DropoutLabException(
                $"the audit's images are {recorded.Images.Shape}: {network.Name} reads {network.Input.Datum}, of "
                    + $"{recorded.Labels.Count} data");
        }

        if (!recorded.Layers.Select(layer => layer.Name).SequenceEqual(network.Sites.Select(site => site.Name)))
            throw new DropoutLabException($"the audit's layers are not those of {network.Name}");
    }

    private static void Check(Network network, StepInput input)
    {
        if (input.Labels.AsSpan().IndexOfAnyExceptInRange(0, network.OutputCount - 1) is int wrong and >= 0)
            throw new DropoutLabException(
                $"the minibatch has label {input.Labels[wrong]} at image {wrong}: those of {network.OutputCount} classes are 0 "
                    + $"to {network.OutputCount - 1}");
        if (Array.FindIndex(input.Images, value => !double.IsFinite(value)) is int bad and >= 0)
            throw new DropoutLabException(
                $"the minibatch has {input.Images[bad]} as value {bad}, counted from 0: a step is computed of finite numbers");
    }

    private static void Initialise(ParameterStore store, StepInput input)
    {
        IReadOnlyDictionary<string, double[]> given = input.Parameters ?? new Dictionary<string, double[]>();
        if (!store.Parameters.All(parameter => given.ContainsKey(parameter.Name)))
            store.Initialise(input.Seed);
        foreach ((string name, double[] values) in given)
            store.Write(name, ParameterArray.Value, values);
    }

    private static LayerAudit Audit(LayerValues values, Plan plan, ParameterStore store)
    {
        WeightLayer layer = values.Layer;
        Convolution? convolution = layer.Output.Operator as Convolution;
        IReadOnlyList<Value> inputs = layer.Output.Inputs;
        Value? bias = inputs.Count > 2 ? inputs[2] : null;
        return new LayerAudit(
            layer.Name, convolution is not null, convolution?.Stride ?? 1, convolution?.Padding ?? 0,
            Read(store, inputs[1], ParameterArray.Value),
            bias is null ? null : Read(store, bias, ParameterArray.Value),
            Read(plan, layer.Input),
            Factor(plan, values.ForwardView, layer.Input),
            Factor(plan, values.BackwardView, layer.Input),
            Read(plan, layer.Output),
            Read(plan, values.OutputGradient),
            Read(store, inputs[1], ParameterArray.Gradient),
            bias is null ? null : Read(store, bias, ParameterArray.Gradient),
            Read(plan, values.InputGradient));
    }

    /// <summary>What a view multiplies h with: the product of its masks, as they were in this step, and their scales.</summary>
    private static AuditedArray Factor(Plan plan, Value view, Value h)
    {
        double[] factor = new double[h.Shape.Count];
        Array.Fill(factor, 1);
        foreach (Value mask in LayerValues.Masks(view, h))
        {
            double scale = ((MaskOperator)mask.Operator).DropProbability.ScaleAt(plan.Step);
            double[] bits = plan.Read(mask);
            for (int i = 0; i < factor.Length; i++)
                factor[i] *= bits[i] * scale;
        }

        return new AuditedArray(h.Shape, factor);
    }

    private static AuditedArray Read(Plan plan, Value value) => new(value.Shape, plan.Read(value));

    private static AuditedArray Read(ParameterStore store, Value source, ParameterArray array) =>
        new(source.Shape, store.Read(((ParameterSource)source.Operator).Parameter.Name, array));
}

/// <summary>What a training step is a function of besides the network and its dropout.</summary>
/// <param name="Images">The minibatch, [N, H, W, C] in row-major order, as the network reads it.</param>
/// <param name="Labels">The class of each datum.</param>
/// <param name="Seed">
/// What the masks are drawn from and, where <paramref name="Parameters"/> is null, the initial parameters.
/// </param>
/// <param name="Step">The number of the step, from 0.</param>
/// <param name="Parameters">Parameters by name in place of the network's initial ones.</param>
public sealed record StepInput(
    double[] Images, int[] Labels, ulong Seed = 1, uint Step = 0, IReadOnlyDictionary<string, double[]>? Parameters = null);

/// <summary>What an audited step is a function of besides its arrays, and what computed it.</summary>
/// <param name="Network">The network's name.</param>
/// <param name="Rule">What F and B are at a site that has no ratio of its own.</param>
/// <param name="Sites">
/// The weight layers whose inputs are dropped, in the network's order, with the rule there; none under a plain rule.
/// </param>
/// <param name="Sharing">Which elements of an input share a draw.</param>
/// <param name="Seed">What the masks are drawn from.</param>
/// <param name="Step">The number of the step, from 0.</param>
/// <param name="Precision">What was computed in.</param>
/// <param name="Backend">What computed: name, version, instruction set, threads.</param>
public sealed record AuditSettings(
    string Network, DropoutRule Rule, IReadOnlyList<(string Name, DropoutRule Rule)> Sites, MaskSharing Sharing,
    ulong Seed, uint Step, Precision Precision, string Backend)
{
    /// <summary>How many threads computed; null where a file does not say.</summary>
    public int? Threads { get; init; }

    /// <summary>The rule, where it is applied, and what shares a draw.</summary>
    internal DropoutSettings Dropout => Sites.Count == 0
        ? DropoutSettings.None
        : new(Rule, [.. Sites.Select(site => new SitePattern(site.Name, RatioOfItsOwn(site.Rule)))], Sharing);

    internal static string Description(Backend backend) => $"{backend.Name}: {backend.Description}";

    /// <summary>p of a site in this step, where it is not the rule's.</summary>
    private double? RatioOfItsOwn(DropoutRule site) =>
        site.DropProbability.At(Step) is var ratio && ratio == Rule.DropProbability.At(Step) ? null : ratio;

    internal static AuditSettings Of(
        Network network, DropoutSettings dropout, StepInput input, Backend backend, Precision precision)
    {
        IReadOnlyDictionary<string, DropoutRule> rules = dropout.RulesAt(network.Sites, network.Name);
        (string, DropoutRule)[] sites = dropout.IsPlain
            ? []
            : [.. network.Sites.Select(site => site.Name).Where(rules.ContainsKey).Select(name => (name, rules[name]))];
        return new AuditSettings(
            network.Name, dropout.Rule, sites, dropout.Sharing, input.Seed, input.Step, precision, Description(backend))
        {
            Threads = backend.Team.ThreadCount,
        };
    }
}
