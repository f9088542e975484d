using System.Buffers.Binary;

namespace DropoutLab.Data.Matlab;

/// <summary>
/// What stands before a data element: its type and its length in bytes, 32 bits each, or 16 bits each where the data, of up to
/// four bytes, stand in the tag's second half.
/// </summary>
/// <param name="Type">What the bytes are.</param>
/// <param name="Length">How many they are.</param>
/// <param name="Padding">Bytes after them, up to a multiple of eight (of four within a tag).</param>
internal readonly record struct MatlabTag(MatlabDataType Type, uint Length, int Padding)
{
    public const int FullLength = 8;

    private const int HalfLength = 4;
    private const int SmallShift = 16;

    /// <summary>The tag of an element that does not lie in another; such a one is never small.</summary>
    public static MatlabTag ReadOutermost(Stream stream)
    {
        Span<byte> tag = stackalloc byte[FullLength];
        stream.ReadExactly(tag);
        return new MatlabTag(
            (MatlabDataType)BinaryPrimitives.ReadUInt32LittleEndian(tag),
            BinaryPrimitives.ReadUInt32LittleEndian(tag[HalfLength..]),
            Padding: 0);
    }

    /// <summary>The next tag within an array, whose element lies within the array too.</summary>
    public static MatlabTag Read(StreamPart array, string what)
    {
        uint first = ReadHalf(array, what);
        bool isSmall = first >> SmallShift != 0;
        uint length = isSmall ? first >> SmallShift : ReadHalf(array, what);
        long room = isSmall ? Math.Min(HalfLength, array.Remaining) : array.Remaining;
        if (length > room)
            throw MatlabFormatException.Damaged($"{what} promises {length} bytes, its array has {room} left for it");
        return new MatlabTag(
            (MatlabDataType)(isSmall ? first & ushort.MaxValue : first), length,
            (int)(-length & ((isSmall ? HalfLength : FullLength) - 1)));
    }

    /// <summary>The element's bytes, and goes on behind the padding.</summary>
    public byte[] ReadContent(StreamPart array)
    {
        byte[] content = new byte[Length];
        array.ReadExactly(content);
        Span<byte> padding = stackalloc byte[FullLength];
        array.ReadExactly(padding[..(int)Math.Min(Padding, array.Remaining)]);
        return content;
    }

    private static uint ReadHalf(StreamPart array, string what)
    {
        if (array.Remaining < HalfLength)
            throw MatlabFormatException.Damaged($"its array ends before {what}");
        Span<byte> half = stackalloc byte[HalfLength];
        array.ReadExactly(half);
        return BinaryPrimitives.ReadUInt32LittleEndian(half);
    }
}
