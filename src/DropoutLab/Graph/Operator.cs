namespace DropoutLab.Graph;

/// <summary>The shape and the kind of elements of a value.</summary>
internal readonly record struct ValueType(Shape Shape, ElementKind Kind);

/// <summary>
/// What is done to some values to get another. One record an operator; its properties are what it needs to know.
/// </summary>
public abstract record Operator
{
    /// <summary>The type of the result, or a <see cref="DropoutLabException"/> that names the shapes that do not fit.</summary>
    internal abstract ValueType Infer(IReadOnlyList<Value> inputs);

    /// <summary>Checks the number of inputs and their kinds.</summary>
    internal void Expect(IReadOnlyList<Value> inputs, params ReadOnlySpan<ElementKind> kinds)
    {
        if (inputs.Count != kinds.Length)
            throw new DropoutLabException($"{GetType().Name} takes {kinds.Length} inputs, not {inputs.Count}");
        for (int i = 0; i < kinds.Length; i++)
        {
            if (inputs[i].Kind != kinds[i])
                throw new DropoutLabException($"{GetType().Name}: input {i} must be of kind {kinds[i]}, not {inputs[i].Kind}");
        }
    }

    /// <summary>Checks that two shapes are the same.</summary>
    internal void ExpectSame(Shape expected, Shape actual, string what)
    {
        if (expected != actual)
            throw new DropoutLabException($"{GetType().Name}: {what} must have the shape {expected}, not {actual}");
    }

    /// <summary>
    /// Checks the inputs of a weight layer: h and W of so many axes, and optionally b with an element an output.
    /// </summary>
    protected void ExpectWeightLayer(IReadOnlyList<Value> inputs, int rank, int weightRank)
    {
        if (inputs.Count == 3)
            Expect(inputs, ElementKind.Activation, ElementKind.Accumulator, ElementKind.Accumulator);
        else
            Expect(inputs, ElementKind.Activation, ElementKind.Accumulator);
        ExpectRank(inputs[0], rank, "the input");
        ExpectRank(inputs[1], weightRank, "the weight");
        if (inputs.Count == 3)
            ExpectSame(new Shape(inputs[1].Shape[0]), inputs[2].Shape, "the bias");
    }

    /// <summary>Checks that a datum has channels.</summary>
    protected void ExpectChannels(Value value)
    {
        if (value.Shape.Rank < 2)
            throw new DropoutLabException($"{GetType().Name}: the input must be [N, …, C], not {value.Shape}");
    }

    /// <summary>Checks predictions [N, K] and their targets: labels [N], or numbers [N, K].</summary>
    internal void ExpectTargets(Value predictions, Value targets)
    {
        ExpectRank(predictions, 2, "the predictions");
        Shape shape = predictions.Shape;
        if (targets.Kind == ElementKind.Label)
            ExpectSame(new Shape(shape[0]), targets.Shape, "the labels");
        else
            ExpectSame(shape, targets.Shape, "the targets");
    }

    /// <summary>Checks the number of axes.</summary>
    internal void ExpectRank(Value value, int rank, string what)
    {
        if (value.Shape.Rank != rank)
            throw new DropoutLabException(
                $"{GetType().Name}: {what} must have {rank} axes, not {value.Shape.Rank} as in {value.Shape}");
    }
}
