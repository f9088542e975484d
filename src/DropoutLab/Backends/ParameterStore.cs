using System.Numerics.Tensors;
using DropoutLab.Graph;
using DropoutLab.Random;

namespace DropoutLab.Backends;

/// <summary>
/// The master copies of a network's parameters, their gradients and their momenta, shared by all plans over the network:
/// 32-bit floats, or 64 where the plans compute in 64. Layouts are canonical: OIHW and [outputs, inputs].
/// </summary>
public sealed class ParameterStore : IDisposable
{
    private readonly Dictionary<string, Slot> slots = [];
    private readonly NativeMemoryBlock block;

    public ParameterStore(IReadOnlyList<Parameter> parameters, Precision precision)
    {
        Parameters = [.. parameters];
        ElementBytes = precision.AccumulatorBytes();
        long stride = 0;
        foreach (Parameter parameter in parameters)
        {
            slots.Add(parameter.Name, new Slot(parameter, stride));
            stride += NativeMemoryBlock.Align(parameter.Shape.Count * (long)ElementBytes);
        }

        ArrayBytes = stride;
        block = new NativeMemoryBlock(3 * stride);
    }

    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>4 or 8.</summary>
    public int ElementBytes { get; }

    /// <summary>The number of trained numbers.</summary>
    public long ElementCount => Parameters.Where(parameter => parameter.IsTrained).Sum(parameter => (long)parameter.Shape.Count);

    private long ArrayBytes { get; }

    /// <summary>Sets every parameter to its initial value, a function of the seed, and the momenta to 0.</summary>
    public void Initialise(ulong seed)
    {
        RandomFunction random = new(seed);
        for (int i = 0; i < Parameters.Count; i++)
        {
            Parameter parameter = Parameters[i];
            float[] values = new float[parameter.Shape.Count];
            if (parameter.InitialStandardDeviation > 0)
                random.FillGaussian(values, i, parameter.InitialStandardDeviation);
            if (parameter.InitialMean != 0)
                TensorPrimitives.Add(values, (float)parameter.InitialMean, values);
            Write(parameter.Name, ParameterArray.Value, values);
            Write(parameter.Name, ParameterArray.Momentum, new float[values.Length]);
        }
    }

    /// <summary>A copy of one array of a parameter, in 64 bits whatever it is stored in.</summary>
    public double[] Read(string name, ParameterArray array)
    {
        double[] values = ElementBytes == 4
            ? Array.ConvertAll(Span<float>(name, array).ToArray(), value => (double)value)
            : Span<double>(name, array).ToArray();
        GC.KeepAlive(this); // The spans keep nothing from being collected.
        return values;
    }

    /// <summary>A copy of one array of a parameter as 32-bit floats.</summary>
    public float[] ReadSingle(string name, ParameterArray array)
    {
        float[] values = ElementBytes == 4
            ? Span<float>(name, array).ToArray()
            : Array.ConvertAll(Span<double>(name, array).ToArray(), value => (float)value);
        GC.KeepAlive(this);
        return values;
    }

    public void Write(string name, ParameterArray array, ReadOnlySpan<double> values)
    {
        CheckCount(name, values.Length);
        if (ElementBytes == 4)
            TensorPrimitives.ConvertTruncating(values, Span<float>(name, array));
        else
            values.CopyTo(Span<double>(name, array));
        GC.KeepAlive(this);
    }

    public void Write(string name, ParameterArray array, ReadOnlySpan<float> values)
    {
        CheckCount(name, values.Length);
        if (ElementBytes == 4)
            values.CopyTo(Span<float>(name, array));
        else
            TensorPrimitives.ConvertTruncating(values, Span<double>(name, array));
        GC.KeepAlive(this);
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

    public void Dispose() => block.Dispose();

    internal bool IsDisposed => block.IsClosed;

    internal bool Holds(Parameter parameter) => slots.TryGetValue(parameter.Name, out Slot? slot) && slot.Parameter.Shape == parameter.Shape;

    internal nint Address(string name, ParameterArray array) => block.Address + (nint)((int)array * ArrayBytes + SlotOf(name).Offset);

    /// <summary>One array of a parameter itself; T must be as wide as <see cref="ElementBytes"/>.</summary>
    internal unsafe Span<T> Span<T>(string name, ParameterArray array)
        where T : unmanaged => new((void*)Address(name, array), SlotOf(name).Parameter.Shape.Count);

    private void CheckCount(string name, int count)
    {
        Parameter parameter = SlotOf(name).Parameter;
        if (parameter.Shape.Count != count)
            throw new DropoutLabException($"parameter {name} of shape {parameter.Shape} takes {parameter.Shape.Count} numbers, not {count}");
    }

    private Slot SlotOf(string name) => slots.TryGetValue(name, out Slot? slot)
        ? slot
        : throw new DropoutLabException($"there is no parameter {name}; there are {string.Join(", ", slots.Keys)}");

    private sealed record Slot(Parameter Parameter, long Offset);
}

/// <summary>The arrays that are kept for a parameter.</summary>
public enum ParameterArray
{
    /// <summary>w, or a running average.</summary>
    Value,

    /// <summary>∂J/∂w of the last training step, without weight decay.</summary>
    Gradient,

    /// <summary>v of stochastic gradient descent with momentum, w ← w − v: it holds the learning rates of its steps.</summary>
    Momentum,
}
