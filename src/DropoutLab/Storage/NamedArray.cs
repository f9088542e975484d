using System.Runtime.InteropServices;

namespace DropoutLab.Storage;

/// <summary>A dense array with its name, element type and shape, held as the little-endian bytes that a file holds.</summary>
public sealed class NamedArray
{
    private readonly int[] shape;

    internal NamedArray(string name, StoredType type, int[] shape, ReadOnlyMemory<byte> bytes)
    {
        Name = name;
        Type = type;
        this.shape = shape;
        Bytes = bytes;
    }

    /// <summary>The name, unique within a file.</summary>
    public string Name { get; }

    /// <summary>The type of the elements.</summary>
    public StoredType Type { get; }

    /// <summary>The extents, outermost first; empty for a scalar.</summary>
    public ReadOnlySpan<int> Shape => shape;

    /// <summary>The elements in row-major order.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Copies <paramref name="values"/> (row-major) into an array to be stored.</summary>
    /// <typeparam name="T">float, double, int, long, byte, or ushort for the bits of bfloat16.</typeparam>
    /// <exception cref="ArgumentException">The shape does not hold exactly the values given.</exception>
    /// <exception cref="NotSupportedException">The element type cannot be stored.</exception>
    public static NamedArray Create<T>(string name, ReadOnlySpan<int> shape, ReadOnlySpan<T> values) where T : unmanaged
    {
        long count = 1;
        foreach (int extent in shape)
            count = checked(count * extent);
        if (count != values.Length || shape.ContainsAnyInRange(int.MinValue, -1))
            throw new ArgumentException(
                $"'{name}': {values.Length} values do not fill the shape [{string.Join(", ", shape.ToArray())}]");
        return new NamedArray(name, StoredTypes.Of<T>(), shape.ToArray(), MemoryMarshal.AsBytes(values).ToArray());
    }

    /// <summary>The elements as values of <typeparamref name="T"/>, row-major, without a copy.</summary>
    /// <exception cref="DropoutLabException">The elements are of another type.</exception>
    public ReadOnlySpan<T> Values<T>() where T : unmanaged =>
        Type == StoredTypes.Of<T>()
            ? MemoryMarshal.Cast<byte, T>(Bytes.Span)
            : throw new DropoutLabException($"the array '{Name}' holds {Type}, {StoredTypes.Of<T>()} is needed");
}
