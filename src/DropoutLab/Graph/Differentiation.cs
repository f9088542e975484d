using DropoutLab.Graph.Operators;

namespace DropoutLab.Graph;

/// <summary>Reverse-mode differentiation of a graph: error signals as further values.</summary>
public sealed class Differentiation
{
    private readonly Dictionary<Value, Value> gradients = [];
    private readonly HashSet<Value> wanted = [];

    /// <summary>Differentiates <paramref name="loss"/> with respect to every trained parameter that it depends on.</summary>
    /// <param name="loss">J, [1]: any value of that shape, such as a loss, a sum of losses, or a multiple of one.</param>
    /// <param name="alsoFor">Further values to differentiate with respect to, such as the network's input.</param>
    /// <param name="weight">
    /// What J counts for, 1 where it is all: with n of a minibatch's N data here and the others elsewhere, a mean over the n
    /// counts n/N.
    /// </param>
    /// <exception cref="DropoutLabException">J is not one number.</exception>
    public Differentiation(Value loss, IReadOnlyList<Value>? alsoFor = null, double weight = 1)
    {
        if (loss.Kind != ElementKind.Accumulator || loss.Shape != new Shape(1))
            throw new DropoutLabException(
                $"what is differentiated is one number, a loss of shape [1], not {loss} of kind {loss.Kind}");
        IReadOnlyList<Value> order = TopologicalOrder.Of([loss]);
        foreach (Value value in order)
        {
            if (value.Operator is ParameterSource { Parameter.IsTrained: true } || alsoFor?.Contains(value) == true
                || value.Inputs.Any(input => wanted.Contains(BackwardView(input))))
            {
                wanted.Add(value);
            }
        }

        gradients[loss] = new Value(new Constant(weight));
        foreach (Value value in order.Reverse())
        {
            if (wanted.Contains(value) && gradients.TryGetValue(value, out Value? gradient) && value.Inputs.Count > 0)
                Propagate(value, gradient);
        }
    }

    /// <summary>∂J/∂value, or null where J does not depend on it or nobody needs it.</summary>
    public Value? Of(Value value) => gradients.GetValueOrDefault(value);

    /// <summary>What the backward pass sees of a value: b where the value is TwoPass(a, b), else the value itself.</summary>
    public static Value BackwardView(Value value)
    {
        while (value.Operator is TwoPass)
            value = value.Inputs[1];
        return value;
    }

    private void Propagate(Value value, Value gradient)
    {
        Value[] inputs = [.. value.Inputs.Select(BackwardView)];
        Value?[] contributions = GradientRules.Apply(new ErrorSignal(value, inputs, gradient, wanted.Contains));
        for (int i = 0; i < inputs.Length; i++)
        {
            if (contributions[i] is Value contribution && wanted.Contains(inputs[i]))
                Accumulate(inputs[i], contribution);
        }
    }

    private void Accumulate(Value value, Value contribution) =>
        gradients[value] = gradients.TryGetValue(value, out Value? sum) ? Operations.Add(sum, contribution) : contribution;
}
