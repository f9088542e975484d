using System.Numerics.Tensors;
using DropoutLab.Graph;
using DropoutLab.Random;

namespace DropoutLab.Backends;

/// <summary>
/// The master copies of a network's parameters, their gradients and what an optimiser keeps for them, shared by all plans over
/// the network: 32-bit floats, or 64 where the plans compute in 64. Layouts are canonical: OIHW and [outputs, inputs].
/// </summary>
public sealed class ParameterStore : IDisposable
{
    private readonly Dictionary<string, Slot> slots = [];
    private readonly Dictionary<ParameterArray, NativeMemoryBlock> blocks = [];
    private readonly long arrayBytes;

    /// <summary>Makes room for parameters, all zero.</summary>
    /// <param name="parameters">A network's.</param>
    /// <param name="precision">That of the plans; <see cref="Precision.Float64"/> keeps 64 bits a number, the others 32.</param>
    public ParameterStore(IReadOnlyList<Parameter> parameters, Precision precision)
    {
        (Parameters, Precision) = ([.. parameters], precision);
        ElementBytes = precision.AccumulatorBytes();
        foreach (Parameter parameter in parameters)
        {
            slots.Add(parameter.Name, new Slot(parameter, arrayBytes));
            arrayBytes += NativeMemoryBlock.Align(parameter.Shape.Count * (long)ElementBytes);
        }

        Add(ParameterArray.Value);
        Add(ParameterArray.Gradient);
    }

    /// <summary>Every trained array and every running average.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>That of the plans over these parameters.</summary>
    public Precision Precision { get; }

    /// <summary>4 or 8.</summary>
    public int ElementBytes { get; }

    /// <summary>The number of trained numbers.</summary>
    public long ElementCount => Parameters.Where(parameter => parameter.IsTrained).Sum(parameter => (long)parameter.Shape.Count);

    /// <summary>Sets every parameter to its initial value, a function of the seed, and what an optimiser keeps to 0.</summary>
    public void Initialise(ulong seed)
    {
        RandomFunction random = new(seed);
        foreach (NativeMemoryBlock block in blocks.Values)
            block.Clear();
        for (int i = 0; i < Parameters.Count; i++)
        {
            Parameter parameter = Parameters[i];
            float[] values = new float[parameter.Shape.Count];
            if (parameter.InitialStandardDeviation > 0)
                random.FillGaussian(values, i, parameter.InitialStandardDeviation);
            if (parameter.InitialMean != 0)
                TensorPrimitives.Add(values, (float)parameter.InitialMean, values);
            Write(parameter.Name, ParameterArray.Value, values);
        }
    }

    /// <summary>A copy of one array of a parameter, in 64 bits whatever it is stored in.</summary>
    /// <exception cref="DropoutLabException">There is no such parameter, or no such array.</exception>
    public double[] Read(string name, ParameterArray array)
    {
        double[] values = new double[SlotOf(name).Parameter.Shape.Count];
        Read(name, array, values);
        return values;
    }

    /// <summary>A copy of one array of a parameter as 32-bit floats.</summary>
    /// <exception cref="DropoutLabException">There is no such parameter, or no such array.</exception>
    public float[] ReadSingle(string name, ParameterArray array)
    {
        float[] values = new float[SlotOf(name).Parameter.Shape.Count];
        Read(name, array, values);
        return values;
    }

    /// <summary>Copies one array of a parameter, rounding to what is asked for.</summary>
    /// <param name="name">The parameter's.</param>
    /// <param name="array">Which of its arrays.</param>
    /// <param name="values">As many as it has.</param>
    /// <exception cref="DropoutLabException">There is no such parameter or array, or there are more or fewer values.</exception>
    public void Read(string name, ParameterArray array, Span<double> values)
    {
        CheckCount(name, values.Length);
        if (ElementBytes == 4)
            TensorPrimitives.ConvertTruncating<float, double>(Span<float>(name, array), values);
        else
            Span<double>(name, array).CopyTo(values);
        GC.KeepAlive(this); // The spans keep nothing from being collected.
    }

    /// <inheritdoc cref="Read(string, ParameterArray, Span{double})"/>
    public void Read(string name, ParameterArray array, Span<float> values)
    {
        CheckCount(name, values.Length);
        if (ElementBytes == 4)
            Span<float>(name, array).CopyTo(values);
        else
            TensorPrimitives.ConvertTruncating<double, float>(Span<double>(name, array), values);
        GC.KeepAlive(this);
    }

    /// <summary>Sets one array of a parameter.</summary>
    /// <param name="name">The parameter's.</param>
    /// <param name="array">Which of its arrays.</param>
    /// <param name="values">As many as it has.</param>
    /// <exception cref="DropoutLabException">There is no such parameter or array, or there are more or fewer values.</exception>
    public void Write(string name, ParameterArray array, ReadOnlySpan<double> values)
    {
        CheckCount(name, values.Length);
        if (ElementBytes == 4)
            TensorPrimitives.ConvertTruncating(values, Span<float>(name, array));
        else
            values.CopyTo(Span<double>(name, array));
        Settle(name, array);
    }

    /// <inheritdoc cref="Write(string, ParameterArray, ReadOnlySpan{double})"/>
    public void Write(string name, ParameterArray array, ReadOnlySpan<float> values)
    {
        CheckCount(name, values.Length);
        if (ElementBytes == 4)
            values.CopyTo(Span<float>(name, array));
        else
            TensorPrimitives.ConvertTruncating(values, Span<double>(name, array));
        Settle(name, array);
    }

    /// <summary>Whether none of a parameter's values is infinite or no number.</summary>
    public bool IsFinite(string name)
    {
        bool isFinite = ElementBytes == 4
            ? float.IsFinite(TensorPrimitives.MaxMagnitude<float>(Span<float>(name, ParameterArray.Value)))
            : double.IsFinite(TensorPrimitives.MaxMagnitude<double>(Span<double>(name, ParameterArray.Value)));
        GC.KeepAlive(this);
        return isFinite;
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        foreach (NativeMemoryBlock block in blocks.Values)
            block.Dispose();
    }

    internal bool IsDisposed => blocks[ParameterArray.Value].IsClosed;

    /// <summary>Makes room for what an optimiser keeps, zero at first; what is there stays.</summary>
    internal void Add(ParameterArray array)
    {
        if (!blocks.ContainsKey(array))
            blocks.Add(array, new NativeMemoryBlock(arrayBytes));
    }

    internal bool Holds(Parameter parameter) =>
        slots.TryGetValue(parameter.Name, out Slot? slot) && slot.Parameter.Shape == parameter.Shape;

    internal nint Address(string name, ParameterArray array) => (blocks.TryGetValue(array, out NativeMemoryBlock? block)
        ? block.Address
        : throw new DropoutLabException(
            $"no optimiser keeps {array.Name} here; there are {string.Join(", ", blocks.Keys.Select(known => known.Name))}"))
        + (nint)SlotOf(name).Offset;

    /// <summary>One array of a parameter itself; T must be as wide as <see cref="ElementBytes"/>.</summary>
    internal unsafe Span<T> Span<T>(string name, ParameterArray array)
        where T : unmanaged => new((void*)Address(name, array), SlotOf(name).Parameter.Shape.Count);

    /// <summary>
    /// One array of all parameters, one behind another with zeros between, as elements or as bytes.
    /// </summary>
    internal unsafe Span<T> All<T>(ParameterArray array)
        where T : unmanaged => new((void*)blocks[array].Address, checked((int)(arrayBytes / sizeof(T))));

    /// <summary>A running average that nothing moves stays: what an update takes over is its value.</summary>
    private void Settle(string name, ParameterArray array)
    {
        if (array == ParameterArray.Value && !SlotOf(name).Parameter.IsTrained)
            Span<byte>(name, ParameterArray.Value, ElementBytes).CopyTo(Span<byte>(name, ParameterArray.Gradient, ElementBytes));
        GC.KeepAlive(this);
    }

    private unsafe Span<T> Span<T>(string name, ParameterArray array, int perElement)
        where T : unmanaged => new((void*)Address(name, array), SlotOf(name).Parameter.Shape.Count * perElement);

    private void CheckCount(string name, int count)
    {
        Parameter parameter = SlotOf(name).Parameter;
        if (parameter.Shape.Count != count)
            throw new DropoutLabException(
                $"parameter {name} of shape {parameter.Shape} takes {parameter.Shape.Count} numbers, not {count}");
    }

    private Slot SlotOf(string name) => slots.TryGetValue(name, out Slot? slot)
        ? slot
        : throw new DropoutLabException($"there is no parameter {name}; there are {string.Join(", ", slots.Keys)}");

    private sealed record Slot(Parameter Parameter, long Offset);
}

/// <summary>
/// One of the arrays that are kept for each parameter: its value, its gradient, or what an optimiser keeps under a name.
/// </summary>
/// <param name="Name">An optimiser's own, such as momentum.</param>
public readonly record struct ParameterArray(string Name)
{
    /// <summary>w, or a running average.</summary>
    public static ParameterArray Value { get; } = new("value");

    /// <summary>
    /// ∂J/∂w of the last training step, without weight decay; of a running average, what it becomes with the next update.
    /// </summary>
    public static ParameterArray Gradient { get; } = new("gradient");
}
