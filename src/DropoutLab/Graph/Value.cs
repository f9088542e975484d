namespace DropoutLab.Graph;

/// <summary>
/// A symbolic array: the result of an <see cref="Operator"/> applied to other values. Values are immutable and refer only to
/// values made before them, so a graph is the set of values that its outputs reach.
/// </summary>
public sealed class Value
{
    internal Value(Operator @operator, params ReadOnlySpan<Value> inputs)
    {
        Operator = @operator;
        Inputs = [.. inputs];
        ValueType type = @operator.Infer(Inputs);
        Shape = type.Shape;
        Kind = type.Kind;
    }

    /// <summary>What it is computed by.</summary>
    public Operator Operator { get; }

    /// <summary>What the operator is applied to, in its formula's order.</summary>
    public IReadOnlyList<Value> Inputs { get; }

    /// <summary>The lengths of its axes, the batch first where it has one.</summary>
    public Shape Shape { get; }

    /// <summary>What its elements are, and so how a plan stores them.</summary>
    public ElementKind Kind { get; }

    /// <summary>As in Relu [32, 128].</summary>
    public override string ToString() => $"{Operator.GetType().Name} {Shape}";
}
