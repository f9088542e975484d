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

    public Operator Operator { get; }

    public IReadOnlyList<Value> Inputs { get; }

    public Shape Shape { get; }

    public ElementKind Kind { get; }

    public override string ToString() => $"{Operator.GetType().Name} {Shape}";
}
