using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends.OneDnn;

/// <summary>
/// Who reads the memory of each value, seen through views, and which values must outlive the kernel that makes them.
/// </summary>
internal sealed class GraphReaders
{
    private readonly Dictionary<Value, List<Value>> readers = [];
    private readonly HashSet<Value> kept = [];

    public GraphReaders(IReadOnlyList<Value> order, PlanRequest request)
    {
        foreach (Value value in order.Where(value => !IsView(value)))
        {
            foreach (Value input in value.Inputs)
                Of(input).Add(value);
        }

        kept.UnionWith(request.Outputs.Concat(request.Gradients.Keys).Select(Source));
    }

    public static bool IsView(Value value) => value.Operator is TwoPass or Reshape;

    /// <summary>The value whose memory a view shows.</summary>
    public static Value Source(Value value)
    {
        while (IsView(value))
            value = value.Inputs[0];
        return value;
    }

    /// <summary>Whether two values are the same numbers in the same shape.</summary>
    public static bool ReadAlike(Value one, Value other) => Source(one) == Source(other) && one.Shape == other.Shape;

    /// <summary>The operators that read a value's memory.</summary>
    public List<Value> Of(Value value)
    {
        Value source = Source(value);
        if (!readers.TryGetValue(source, out List<Value>? list))
            readers.Add(source, list = []);
        return list;
    }

    /// <summary>Whether the caller reads the value after the run.</summary>
    public bool IsKept(Value value) => kept.Contains(Source(value));
}
