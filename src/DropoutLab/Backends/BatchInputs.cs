using DropoutLab.Backends.Threading;
using DropoutLab.Graph;

namespace DropoutLab.Backends;

/// <summary>The inputs of a plan by name, as who fills them datum by datum sees them, and the threads to do so on.</summary>
public sealed class BatchInputs
{
    private readonly IReadOnlyDictionary<string, PlanInput> inputs;
    private readonly ThreadTeam team;
    private readonly Stretches stretches = new();

    internal BatchInputs(int batchSize, IReadOnlyDictionary<string, PlanInput> inputs, ThreadTeam team) =>
        (BatchSize, this.inputs, this.team) = (batchSize, inputs, team);

    /// <summary>The inputs of a plan.</summary>
    internal static BatchInputs Of(Plan plan, int batchSize, IEnumerable<KeyValuePair<string, Value>> inputs) => new(
        batchSize,
        inputs.ToDictionary(
            input => input.Key,
            input => new PlanInput(plan.BufferOf(input.Value), plan.Format(input.Value), input.Value.Shape, plan)),
        plan.Team);

    /// <summary>The data that the plan takes.</summary>
    public int BatchSize { get; }

    /// <summary>How many threads <see cref="ForEach"/> runs on.</summary>
    public int ThreadCount => team.ThreadCount;

    /// <summary>Whether the plan has an input of this name: one that only predicts has no targets.</summary>
    public bool Has(string name) => inputs.ContainsKey(name);

    /// <summary>An input.</summary>
    /// <exception cref="DropoutLabException">There is none of this name.</exception>
    public PlanInput this[string name] => inputs.TryGetValue(name, out PlanInput? input)
        ? input
        : throw new DropoutLabException($"the plan has no input {name}; it has {string.Join(", ", inputs.Keys)}");

    /// <summary>Calls a body for stretches of the places 0 to count − 1, one on each of the backend's threads.</summary>
    /// <param name="count">How many places.</param>
    /// <param name="body">
    /// Takes the first place, the one after the last, and the thread's number from 0. Made once and kept, it costs no memory a
    /// step.
    /// </param>
    public void ForEach(int count, Action<int, int, int> body)
    {
        (stretches.Count, stretches.Body) = (count, body);
        team.Run(stretches);
    }

    private sealed class Stretches : ParallelKernel
    {
        public int Count { get; set; }

        public Action<int, int, int>? Body { get; set; }

        protected override void RunShare(int share, int shareCount)
        {
            (int begin, int end) = RangeOf(Count, share, shareCount);
            Body!(begin, end, share);
        }
    }
}

/// <summary>An input of a plan, datum by datum. Threads may write different data at once.</summary>
public sealed unsafe class PlanInput
{
    private readonly PlanBuffer buffer;
    private readonly Shape shape;
    private readonly object owner;

    /// <param name="buffer">The memory.</param>
    /// <param name="format">Its elements.</param>
    /// <param name="shape">[N, …].</param>
    /// <param name="owner">Whom the memory goes with.</param>
    internal PlanInput(PlanBuffer buffer, ElementFormat format, Shape shape, object owner)
    {
        (this.buffer, Format, this.shape, this.owner) = (buffer, format, shape, owner);
        Length = shape.CountPerDatum;
    }

    /// <summary>The numbers of a datum.</summary>
    public int Length { get; }

    internal ElementFormat Format { get; }

    /// <summary>Sets a datum of activations or accumulators, rounded to the plan's precision.</summary>
    /// <param name="place">Its place in the batch, from 0.</param>
    /// <param name="values">As many as <see cref="Length"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place, or there are more or fewer values.</exception>
    public void Write(int place, ReadOnlySpan<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, Length, nameof(values));
        CheckPlace(place);
        ElementAccess.Write(buffer, Format, (long)place * Length, values);
        GC.KeepAlive(owner);
    }

    /// <summary>Sets a datum's label.</summary>
    /// <param name="place">Its place in the batch, from 0.</param>
    /// <param name="label">The class, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place, or a datum is several labels.</exception>
    /// <exception cref="InvalidOperationException">The input is none of labels.</exception>
    public void Write(int place, int label) => Write(place, [label]);

    /// <summary>Sets a datum's labels, such as the tokens of a sentence.</summary>
    /// <param name="place">Its place in the batch, from 0.</param>
    /// <param name="labels">As many as <see cref="Length"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place, or there are more or fewer labels.</exception>
    /// <exception cref="InvalidOperationException">The input is none of labels.</exception>
    public void Write(int place, ReadOnlySpan<int> labels)
    {
        if (Format != ElementFormat.Int32)
            throw new InvalidOperationException($"an input {shape} of {Format} takes no labels");
        ArgumentOutOfRangeException.ThrowIfNotEqual(labels.Length, Length, nameof(labels));
        CheckPlace(place);
        labels.CopyTo(Row<int>(place));
        GC.KeepAlive(owner);
    }

    /// <summary>A datum itself; T must be as wide as the format's elements.</summary>
    internal Span<T> Row<T>(int place)
        where T : unmanaged => new((T*)buffer.Address + (long)place * Length, Length);

    private void CheckPlace(int place) =>
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)place, (uint)shape[0], nameof(place));
}

/// <summary>Inputs in memory of their own, without a plan.</summary>
internal sealed class HostBatch : IDisposable
{
    private readonly Dictionary<string, (PlanBuffer Buffer, ElementFormat Format, Shape Shape)> arrays = [];
    private readonly List<NativeMemoryBlock> blocks = [];

    public HostBatch(IReadOnlyList<BatchInput> inputs, int batchSize, Precision precision, ThreadTeam team)
    {
        Dictionary<string, PlanInput> plan = [];
        foreach (BatchInput input in inputs)
        {
            Shape shape = input.Of(batchSize).Shape;
            NativeMemoryBlock block = new(ElementAccess.ByteSize(input.Kind, shape, precision));
            PlanBuffer buffer = new(block.ByteSize, input.Name, block.Address);
            ElementFormat format = ElementAccess.FormatOf(input.Kind, precision);
            blocks.Add(block);
            arrays.Add(input.Name, (buffer, format, shape));
            plan.Add(input.Name, new PlanInput(buffer, format, shape, block));
        }

        Inputs = new BatchInputs(batchSize, plan, team);
    }

    public BatchInputs Inputs { get; }

    public double[] Read(string name)
    {
        (PlanBuffer buffer, ElementFormat format, Shape shape) = arrays[name];
        double[] values = new double[shape.Count];
        ElementAccess.Read(buffer, format, shape, values);
        return values;
    }

    public void Dispose()
    {
        foreach (NativeMemoryBlock block in blocks)
            block.Dispose();
    }
}
