using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DropoutLab.Storage;

/// <summary>
/// A dense array with its name, element type and shape, held as what a file holds: little-endian elements, row-major. It may have
/// more bytes than one array of bytes can, for .NET's arrays count elements; files take and give it in pieces.
/// </summary>
public sealed class NamedArray
{
    private readonly int[] shape;
    private readonly Array values;

    private NamedArray(string name, StoredType type, int[] shape, Array values)
    {
        Name = name;
        Type = type;
        this.shape = shape;
        this.values = values;
    }

    /// <summary>The name, unique within a file.</summary>
    public string Name { get; }

    /// <summary>The type of the elements.</summary>
    public StoredType Type { get; }

    /// <summary>The extents, outermost first; empty for a scalar.</summary>
    public ReadOnlySpan<int> Shape => shape;

    /// <summary>What all elements take.</summary>
    internal long ByteSize => values.LongLength * Type.SizeInBytes();

    /// <summary>Copies <paramref name="values"/> (row-major) into an array to be stored.</summary>
    /// <typeparam name="T">float, double, Half, int, long, byte, or ushort for the bits of bfloat16.</typeparam>
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
        return new NamedArray(name, StoredTypes.Of<T>(), shape.ToArray(), values.ToArray());
    }

    /// <summary>The elements as values of <typeparamref name="T"/>, row-major, without a copy.</summary>
    /// <exception cref="DropoutLabException">The elements are of another type.</exception>
    public ReadOnlySpan<T> Values<T>() where T : unmanaged =>
        Type == StoredTypes.Of<T>()
            ? (T[])values
            : throw new DropoutLabException($"the array '{Name}' holds {Type}, {StoredTypes.Of<T>()} is needed");

    /// <summary>The elements of an array of floating-point numbers, in 32 bits.</summary>
    /// <param name="path">The file that they are from.</param>
    /// <exception cref="DropoutLabException">They are of another type, or one is no finite number.</exception>
    internal float[] FiniteNumbers(string path)
    {
        float[] numbers = Type switch
        {
            StoredType.F32 => Values<float>().ToArray(),
            StoredType.F16 => Array.ConvertAll(Values<Half>().ToArray(), half => (float)half),
            StoredType.BF16 => Array.ConvertAll(Values<ushort>().ToArray(), BFloat16.ToSingle),
            _ => throw new DropoutLabException($"{path} holds {Name} as {Type}: F32, F16 or BF16 is needed"),
        };
        return Array.FindIndex(numbers, number => !float.IsFinite(number)) is >= 0 and int wrong
            ? throw new DropoutLabException(
                $"{path} holds {Name}, whose number {wrong}, from 0, is {numbers[wrong]}: finite weights are needed")
            : numbers;
    }

    /// <summary>An array of zeros, to be filled piece by piece.</summary>
    internal static NamedArray Blank(SafetensorsEntry entry)
    {
        int count = checked((int)((entry.End - entry.Begin) / entry.Type.SizeInBytes()));
        return new NamedArray(entry.Name, entry.Type, entry.Shape, entry.Type switch
        {
            StoredType.F32 => new float[count],
            StoredType.F64 => new double[count],
            StoredType.F16 => new Half[count],
            StoredType.BF16 => new ushort[count],
            StoredType.I32 => new int[count],
            StoredType.I64 => new long[count],
            StoredType.U8 => new byte[count],
            _ => throw new ArgumentOutOfRangeException(nameof(entry), entry.Type, "not a stored type"),
        });
    }

    /// <summary>Goes through the bytes, a piece after the other.</summary>
    /// <param name="pieceBytes">The most that a piece has.</param>
    /// <param name="take">What reads or fills a piece.</param>
    internal void ForEachPiece(int pieceBytes, Action<Span<byte>> take)
    {
        for (long begin = 0; begin < ByteSize; begin += pieceBytes)
            take(Piece(begin, pieceBytes));
    }

    /// <summary>Whether another array's elements are the same bytes.</summary>
    internal bool HasBytesOf(NamedArray other)
    {
        const int PieceBytes = 1 << 30;
        bool isSame = ByteSize == other.ByteSize;
        for (long begin = 0; isSame && begin < ByteSize; begin += PieceBytes)
            isSame = Piece(begin, PieceBytes).SequenceEqual(other.Piece(begin, PieceBytes));
        return isSame;
    }

    private Span<byte> Piece(long begin, int most)
    {
        ref byte first = ref Unsafe.AddByteOffset(ref MemoryMarshal.GetArrayDataReference(values), (nint)begin);
        return MemoryMarshal.CreateSpan(ref first, (int)Math.Min(most, ByteSize - begin));
    }
}
