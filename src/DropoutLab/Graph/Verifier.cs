using DropoutLab.Graph.Operators;

namespace DropoutLab.Graph;

/// <summary>
/// Checks a graph before it is compiled; what is no <see cref="DropoutLabException"/> is a fault of the program, not of its user.
/// </summary>
internal static class Verifier
{
    /// <param name="outputs">What the graph is for.</param>
    /// <param name="sharesStatistics">
    /// Whether the batch is a part of one whose statistics are taken, which is checked as a whole.
    /// </param>
    public static void Check(IReadOnlyList<Value> outputs, bool sharesStatistics = false)
    {
        IReadOnlyList<Value> order = TopologicalOrder.Of(outputs);
        foreach (Value value in order)
            CheckType(value);
        if (!sharesStatistics)
            CheckStatistics(order);
        CheckNames(order);
        CheckTwoPasses(order, outputs);
    }

    private static void CheckType(Value value)
    {
        (Shape shape, ElementKind kind) = value.Operator.Infer(value.Inputs);
        if (shape != value.Shape || kind != value.Kind)
            throw new InvalidOperationException($"{value} has another type than its operator gives, {shape} of {kind}");
    }

    /// <summary>x − μ of a single value is 0 whatever it is: nothing would be learnt before the normalisation.</summary>
    private static void CheckStatistics(IReadOnlyList<Value> order)
    {
        if (order.FirstOrDefault(BatchVariance.IsOfOneValue) is { } variance)
            throw new DropoutLabException(
                $"a batch normalisation of {variance.Inputs[0].Shape} has one value a channel, which has no variance: "
                + "a training step needs a larger batch, or larger images");
    }

    private static void CheckNames(IReadOnlyList<Value> order)
    {
        foreach (IGrouping<string, ParameterSource> group in order.Select(value => value.Operator).OfType<ParameterSource>()
            .GroupBy(source => source.Parameter.Name))
        {
            if (group.Distinct().Count() > 1)
                throw new DropoutLabException($"two different parameters have the name {group.Key}; names must differ");
            if (group.Count() > 1)
                throw new DropoutLabException(
                    $"the parameter {group.Key} is there twice; make its value once and use that everywhere");
        }
    }

    private static void CheckTwoPasses(IReadOnlyList<Value> order, IReadOnlyList<Value> outputs)
    {
        foreach (Value output in outputs)
        {
            if (output.Operator is TwoPass)
                throw new InvalidOperationException($"{output} is an output: nothing differentiates through it");
        }

        foreach (Value consumer in order)
        {
            if (consumer.Inputs.Any(input => input.Operator is TwoPass) && !GradientRules.Has(consumer.Operator))
                throw new InvalidOperationException($"{consumer} reads a TwoPass but has no gradient");
        }
    }
}
