using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using DropoutLab.Layers;
using DropoutLab.Models;

namespace DropoutLab.Auditing;

/// <summary>One training step (forward and backward pass, no update) with every array of it, as the engine computed it.</summary>
public sealed class StepAudit
{
    private StepAudit(AuditSettings settings, AuditedArray images, int[] labels, double loss, IReadOnlyList<LayerAudit> layers) =>
        (Settings, Images, Labels, Loss, Layers) = (settings, images, labels, loss, layers);

    /// <summary>What was computed, and what computed it.</summary>
    public AuditSettings Settings { get; }

    public AuditedArray Images { get; }

    public IReadOnlyList<int> Labels { get; }

    /// <summary>J, the mean over the minibatch.</summary>
    public double Loss { get; }

    /// <summary>The network's weight layers in order.</summary>
    public IReadOnlyList<LayerAudit> Layers { get; }

    /// <summary>Computes the step.</summary>
    /// <param name="network">The network; its loss is the mean softmax cross-entropy.</param>
    /// <param name="dropout">Rule, sites and sharing.</param>
    /// <param name="input">The minibatch, the seed and the parameters.</param>
    /// <param name="backend">What computes; it stays the caller's.</param>
    /// <param name="precision">What it computes in.</param>
    /// <exception cref="DropoutLabException">
    /// The network, its dropout and the minibatch do not fit together, or a layer of the network's own is neither convolution nor linear.
    /// </exception>
    public static StepAudit Run(Network network, DropoutSettings dropout, StepInput input, Backend backend, Precision precision)
    {
        Check(network, input);
        lock (backend.Gate)
            return Compute(network, dropout, input, backend, precision);
    }

    private static StepAudit Compute(Network network, DropoutSettings dropout, StepInput input, Backend backend, Precision precision)
    {
        BuiltNetwork built = network.Build(input.Labels.Length, dropout);
        // Training never makes the images' gradient; here it is one of the things to look at.
        // So it is with a weight that is not trained.
        Differentiation differentiation = new(built.Loss, alsoFor: [built.Images, .. built.WeightLayers.SelectMany(layer => layer.Output.Inputs.Skip(1))]);
        using ParameterStore store = new(network.Parameters, precision);
        Initialise(store, input);
        LayerValues[] layers = [.. built.WeightLayers.Select(layer => LayerValues.Of(layer, differentiation))];
        using Plan plan = backend.Compile(
            PlanRequest.Train(differentiation, [built.Loss], [.. layers.SelectMany(layer => layer.All).Distinct()], store), precision);
        plan.Write(built.Images, input.Images);
        plan.Write(built.Labels, input.Labels);
        plan.Run(input.Seed, input.Step);
        return new StepAudit(
            AuditSettings.Of(network, dropout, input, backend, precision),
            Read(plan, built.Images), input.Labels, plan.ReadScalar(built.Loss), [.. layers.Select(layer => Audit(layer, plan, store))]);
    }

    private static void Check(Network network, StepInput input)
    {
        if (input.Labels.AsSpan().IndexOfAnyExceptInRange(0, network.ClassCount - 1) is int wrong and >= 0)
            throw new DropoutLabException($"the minibatch has label {input.Labels[wrong]} at image {wrong}: those of {network.ClassCount} classes are 0 to {network.ClassCount - 1}");
        if (Array.FindIndex(input.Images, value => !double.IsFinite(value)) is int bad and >= 0)
            throw new DropoutLabException($"the minibatch has {input.Images[bad]} as value {bad}, counted from 0: a step is computed of finite numbers");
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

    /// <summary>What a view multiplies h with: the product of its masks, as drawn in this step, and their scales.</summary>
    private static AuditedArray Factor(Plan plan, Value view, Value h)
    {
        double[] factor = new double[h.Shape.Count];
        Array.Fill(factor, 1);
        foreach (Value mask in LayerValues.Masks(view, h))
        {
            double scale = ((DrawMask)mask.Operator).Mask.DropProbability.ScaleAt(plan.Step);
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
/// <param name="Seed">What the masks are drawn from and, where <paramref name="Parameters"/> is null, the initial parameters.</param>
/// <param name="Step">The number of the step, from 0.</param>
/// <param name="Parameters">Parameters by name in place of the network's initial ones.</param>
public sealed record StepInput(
    double[] Images, int[] Labels, ulong Seed = 1, uint Step = 0, IReadOnlyDictionary<string, double[]>? Parameters = null);

/// <summary>What an audited step is a function of besides its arrays, and what computed it.</summary>
/// <param name="Network">The network's name.</param>
/// <param name="Rule">What F and B are at a site that has no ratio of its own.</param>
/// <param name="Sites">The weight layers whose inputs are dropped, in the network's order, with the rule there; none under a plain rule.</param>
/// <param name="Sharing">Which elements of an input share a draw.</param>
/// <param name="Seed">What the masks are drawn from.</param>
/// <param name="Step">The number of the step, from 0.</param>
/// <param name="Precision">What was computed in.</param>
/// <param name="Backend">What computed: name, version, instruction set, threads.</param>
public sealed record AuditSettings(
    string Network, DropoutRule Rule, IReadOnlyList<(string Name, DropoutRule Rule)> Sites, MaskSharing Sharing, ulong Seed, uint Step,
    Precision Precision, string Backend)
{
    internal static AuditSettings Of(Network network, DropoutSettings dropout, StepInput input, Backend backend, Precision precision)
    {
        IReadOnlyDictionary<string, DropoutRule> rules = dropout.RulesAt(network.Sites, network.Name);
        (string, DropoutRule)[] sites = dropout.IsPlain
            ? []
            : [.. network.Sites.Select(site => site.Name).Where(rules.ContainsKey).Select(name => (name, rules[name]))];
        return new AuditSettings(
            network.Name, dropout.Rule, sites, dropout.Sharing, input.Seed, input.Step, precision, $"{backend.Name}: {backend.Description}");
    }
}
