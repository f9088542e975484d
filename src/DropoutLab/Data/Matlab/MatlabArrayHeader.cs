using System.Buffers.Binary;
using System.Text;

namespace DropoutLab.Data.Matlab;

/// <summary>What an array begins with: flags, dimensions, name.</summary>
/// <param name="Class">What it is in MATLAB.</param>
/// <param name="IsComplex">Whether imaginary parts follow the real ones.</param>
/// <param name="Dimensions">Its extents; the first runs fastest through the values.</param>
/// <param name="Name">The variable's name.</param>
internal sealed record MatlabArrayHeader(MatlabClass Class, bool IsComplex, int[] Dimensions, string Name)
{
    private const int FlagsLength = 8;
    private const int ComplexFlag = 0x08;
    private const int ExtentLength = 4;
    private const int LongestShape = 32; // MATLAB sets no limit; numpy's was 32
    private const int LongestName = 63; // namelengthmax

    /// <summary>Whether it is a full array of numbers.</summary>
    public bool IsNumeric => Class is >= MatlabClass.Double and <= MatlabClass.UInt64;

    public static MatlabArrayHeader Read(StreamPart array)
    {
        byte[] flags = ReadElement(array, "an array's flags", FlagsLength, FlagsLength, MatlabDataType.UInt32);
        MatlabClass type = (MatlabClass)flags[0];
        bool isComplex = (flags[1] & ComplexFlag) != 0;
        if (type == MatlabClass.Opaque)
            return new MatlabArrayHeader(type, isComplex, [], Name: ""); // it has no dimensions, and no name in this place
        byte[] shape = ReadElement(
            array, "an array's dimensions", 2 * ExtentLength, LongestShape * ExtentLength,
            MatlabDataType.Int32, MatlabDataType.UInt32); // the latter is wrong, but written by some programs
        if (shape.Length % ExtentLength != 0)
            throw MatlabFormatException.Damaged($"an array's dimensions cannot be {shape.Length} bytes");
        int[] dimensions = new int[shape.Length / ExtentLength];
        for (int i = 0; i < dimensions.Length; i++)
            dimensions[i] = BinaryPrimitives.ReadInt32LittleEndian(shape.AsSpan(i * ExtentLength));
        byte[] name = ReadElement(array, "an array's name", 0, LongestName, MatlabDataType.Int8, MatlabDataType.Utf8);
        return Array.TrueForAll(name, letter => letter == '_' || char.IsAsciiLetterOrDigit((char)letter))
            ? new MatlabArrayHeader(type, isComplex, dimensions, Encoding.ASCII.GetString(name))
            : throw MatlabFormatException.Damaged("an array's name has other characters than letters, digits and underscores");
    }

    private static byte[] ReadElement(
        StreamPart array, string what, int shortest, int longest, params ReadOnlySpan<MatlabDataType> types)
    {
        MatlabTag tag = MatlabTag.Read(array, what);
        if (tag.Length < shortest || tag.Length > longest || !types.Contains(tag.Type))
            throw MatlabFormatException.Damaged($"{what} cannot be {tag.Length} bytes of type {(uint)tag.Type}");
        return tag.ReadContent(array);
    }
}

/// <summary>What an array is in MATLAB, with the format's own numbers.</summary>
/// <remarks>The numbers can be stored as another type than the class: MATLAB picks the smallest that holds them.</remarks>
internal enum MatlabClass
{
    Cell = 1,
    Struct = 2,
    Object = 3,
    Char = 4,
    Sparse = 5,
    Double = 6,
    Single = 7,
    Int8 = 8,
    UInt8 = 9,
    Int16 = 10,
    UInt16 = 11,
    Int32 = 12,
    UInt32 = 13,
    Int64 = 14,
    UInt64 = 15,
    Function = 16,
    Opaque = 17,
}
