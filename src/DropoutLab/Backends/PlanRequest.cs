using DropoutLab.Graph;

namespace DropoutLab.Backends;

/// <summary>What a plan shall compute.</summary>
/// <param name="Outputs">Values that the caller reads after a run.</param>
/// <param name="Gradients">Values that are gradients of parameters; they go into the store.</param>
/// <param name="Store">The parameters that the graph reads.</param>
public sealed record PlanRequest(
    IReadOnlyList<Value> Outputs, IReadOnlyDictionary<Value, Parameter> Gradients, ParameterStore Store)
{
    /// <summary>Values that are running averages, and where the store keeps them.</summary>
    public IReadOnlyDictionary<Value, Parameter> Updates { get; init; } = new Dictionary<Value, Parameter>();

    /// <summary>Where others compute the rest of the minibatch that batch normalisation is over; null where none do.</summary>
    internal SharedStatistics? Statistics { get; init; }

    /// <summary>A plan that only reads parameters.</summary>
    public static PlanRequest Evaluate(IReadOnlyList<Value> outputs, ParameterStore store) =>
        new(outputs, new Dictionary<Value, Parameter>(), store);

    /// <summary>
    /// A plan that also computes ∂J/∂parameter of <paramref name="loss"/> for every trained parameter that it depends on.
    /// </summary>
    /// <param name="loss">J.</param>
    /// <param name="outputs">Further values that the caller reads.</param>
    /// <param name="store">The parameters.</param>
    /// <param name="weight">What J counts for: 1, or a part of it where other processes have the rest of the minibatch.</param>
    /// <remarks>
    /// With batch normalisation, add <c>with { Updates = built.Updates }</c>: else its running averages stay what they are.
    /// </remarks>
    public static PlanRequest Train(Value loss, IReadOnlyList<Value> outputs, ParameterStore store, double weight = 1) =>
        Train(new Differentiation(loss, weight: weight), [loss], outputs, store);

    internal static PlanRequest Train(
        Differentiation differentiation, IReadOnlyList<Value> roots, IReadOnlyList<Value> outputs, ParameterStore store)
    {
        Dictionary<Value, Parameter> gradients = [];
        // The last parameters' gradients are known first, and computing them first lets their error signals go soonest.
        foreach (Value value in TopologicalOrder.Of(roots).Reverse())
        {
            if (value.Operator is not Graph.Operators.ParameterSource source || differentiation.Of(value) is not Value gradient)
                continue;
            if (!gradients.TryAdd(gradient, source.Parameter))
                throw new DropoutLabException(
                    $"{source.Parameter.Name} and {gradients[gradient].Name} have one gradient, for only their sum is used: "
                        + "train one of them");
        }

        return new PlanRequest([.. roots, .. outputs], gradients, store);
    }

    /// <summary>Everything that must be computed, in an order that keeps little memory alive.</summary>
    /// <remarks>
    /// Gradients read backward views themselves: one that none reads, as of a layer that is not trained, is left out.
    /// </remarks>
    internal IReadOnlyList<Value> Order()
    {
        HashSet<Value> read = [.. TopologicalOrder.Of(Wanted(), needsBackwardViews: false)];
        return [.. TopologicalOrder.Of(Wanted(), needsBackwardViews: Gradients.Count > 0).Where(read.Contains)];
    }

    /// <summary>
    /// The bytes of what the forward pass reads or computes (activations, masks, places of maxima) and gradients read again: what
    /// a step has to remember at its turning point, but for what its plan makes again.
    /// </summary>
    internal long BytesForGradients(Precision precision)
    {
        IReadOnlyList<Value> order = Order();
        // A maximum's place is found together with the maximum.
        HashSet<Value> forward = [.. TopologicalOrder.Of(Outputs),
            .. order.Where(value => value.Operator is Graph.Operators.MaxPoolIndex)];
        return order.Where(value => !forward.Contains(value)).SelectMany(value => value.Inputs).SelectMany(Remembered).Distinct()
            .Where(
                value => forward.Contains(value) && value.Kind is ElementKind.Activation or ElementKind.Bit or ElementKind.Index)
            .Sum(value => ElementAccess.ByteSize(value.Kind, value.Shape, precision));

        // A product can be made again of its mask, which has a bit an element, and of what was masked.
        static IEnumerable<Value> Remembered(Value value) => value.Operator switch
        {
            Graph.Operators.Reshape => Remembered(value.Inputs[0]),
            Graph.Operators.Masked => value.Inputs.SelectMany(Remembered),
            _ => [value],
        };
    }

    /// <summary>Kernels know a parameter's address alone: it has to be there, and as large as the graph takes it to be.</summary>
    internal void CheckStore(Precision precision)
    {
        if (Store.ElementBytes != precision.AccumulatorBytes())
            throw new DropoutLabException(
                $"the store's numbers have {8 * Store.ElementBytes} bits, a plan in {precision.ShortName()} needs "
                    + $"{8 * precision.AccumulatorBytes()}");
        IEnumerable<Parameter> read = TopologicalOrder.Of(Wanted()).Select(value => value.Operator)
            .OfType<Graph.Operators.ParameterSource>().Select(source => source.Parameter);
        foreach (Parameter parameter in read.Concat(Gradients.Values).Concat(Updates.Values))
        {
            if (!Store.Holds(parameter))
                throw new DropoutLabException(
                    $"the store has no parameter {parameter.Name} of shape {parameter.Shape}: it is not one of this network's "
                        + "parameters");
        }

        foreach ((Value value, Parameter parameter) in Gradients.Concat(Updates))
        {
            if (value.Kind != ElementKind.Accumulator || value.Shape != parameter.Shape)
                throw new DropoutLabException(
                    $"{value} of shape {value.Shape} cannot be kept for {parameter.Name} of shape {parameter.Shape}");
        }
    }

    internal IReadOnlyList<Value> Wanted() => [.. Outputs, .. Gradients.Keys, .. Updates.Keys];
}
