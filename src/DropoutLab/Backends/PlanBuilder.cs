using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends;

/// <summary>What a backend fills while it compiles: a buffer a value, and the kernels in order.</summary>
internal sealed class PlanBuilder(PlanRequest request, Precision precision, Threading.ThreadTeam team)
{
    private readonly Dictionary<Value, PlanBuffer> buffers = [];

    public Precision Precision { get; } = precision;

    public ParameterStore Store => request.Store;

    public SharedStatistics? Statistics => request.Statistics;

    public StepState State { get; } = new();

    public Threading.ThreadTeam Team { get; } = team;

    public List<Kernel> Kernels { get; set; } = [];

    public IReadOnlyDictionary<Value, PlanBuffer> Buffers => buffers;

    /// <summary>
    /// The memory of a value, made when first asked for. Views (the forward side of a <see cref="TwoPass"/>, a reshaped array)
    /// share that of what they show; parameters and their gradients lie in the <see cref="ParameterStore"/>.
    /// </summary>
    public PlanBuffer BufferOf(Value value)
    {
        if (buffers.TryGetValue(value, out PlanBuffer? known))
            return known;
        PlanBuffer buffer = value.Operator switch
        {
            TwoPass or Reshape => BufferOf(value.Inputs[0]),
            ParameterSource source => External(value, source.Parameter, ParameterArray.Value),
            _ when request.Gradients.TryGetValue(value, out Parameter? parameter) =>
                External(value, parameter, ParameterArray.Gradient),
            _ when request.Updates.TryGetValue(value, out Parameter? average) =>
                External(value, average, ParameterArray.Gradient),
            _ => new PlanBuffer(ElementAccess.ByteSize(value.Kind, value.Shape, Precision), value.ToString()),
        };
        buffer.IsPersistent |= value.Operator is Input or InputMask || request.Outputs.Contains(value);
        buffers.Add(value, buffer);
        return buffer;
    }

    /// <summary>Gives a value that is computed again new memory, and with it all that are views of the same.</summary>
    public void Forget(Value value)
    {
        PlanBuffer old = BufferOf(value);
        foreach (Value alias in buffers.Where(pair => pair.Value == old).Select(pair => pair.Key).ToArray())
            buffers.Remove(alias);
    }

    private PlanBuffer External(Value value, Parameter parameter, ParameterArray array) =>
        new(ElementAccess.ByteSize(value.Kind, value.Shape, Precision), $"{parameter.Name} {array.Name}",
            request.Store.Address(parameter.Name, array));
}
