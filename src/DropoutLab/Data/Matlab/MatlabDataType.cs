using System.Buffers.Binary;

namespace DropoutLab.Data.Matlab;

/// <summary>What the bytes of a data element are, with the format's own numbers.</summary>
internal enum MatlabDataType
{
    Int8 = 1,
    UInt8 = 2,
    Int16 = 3,
    UInt16 = 4,
    Int32 = 5,
    UInt32 = 6,
    Single = 7,
    Double = 9,
    Int64 = 12,
    UInt64 = 13,
    Matrix = 14,
    Compressed = 15,
    Utf8 = 16,
}

/// <summary>Sizes and values of the numeric <see cref="MatlabDataType"/>s, in little-endian order.</summary>
internal static class MatlabDataTypes
{
    /// <summary>Bytes of a number, or 0 where the type is none of numbers.</summary>
    public static int Size(this MatlabDataType type) => type switch
    {
        MatlabDataType.Int8 or MatlabDataType.UInt8 => 1,
        MatlabDataType.Int16 or MatlabDataType.UInt16 => 2,
        MatlabDataType.Int32 or MatlabDataType.UInt32 or MatlabDataType.Single => 4,
        MatlabDataType.Int64 or MatlabDataType.UInt64 or MatlabDataType.Double => 8,
        _ => 0,
    };

    /// <summary>The number that <paramref name="bytes"/> begin with; 64-bit integers are rounded to 53 bits.</summary>
    public static double Read(this MatlabDataType type, ReadOnlySpan<byte> bytes) => type switch
    {
        MatlabDataType.Int8 => (sbyte)bytes[0],
        MatlabDataType.UInt8 => bytes[0],
        MatlabDataType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        MatlabDataType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        MatlabDataType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        MatlabDataType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        MatlabDataType.Single => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        MatlabDataType.Double => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        MatlabDataType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        MatlabDataType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a type of numbers"),
    };
}
