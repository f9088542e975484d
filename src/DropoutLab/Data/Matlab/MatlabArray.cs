using System.Globalization;

namespace DropoutLab.Data.Matlab;

/// <summary>A real, full array of numbers in a MATLAB file, whose dimensions are known to fit its bytes.</summary>
/// <param name="Path">The file.</param>
/// <param name="Name">The variable's name.</param>
/// <param name="Dimensions">Its extents, all above 0; the first runs fastest through the values.</param>
/// <param name="Element">Where it lies.</param>
/// <param name="Type">What its numbers are stored as.</param>
/// <param name="Position">Of the first value in the expanded element.</param>
/// <param name="Padding">Bytes of the element after the last value.</param>
internal sealed record MatlabArray(
    string Path, string Name, int[] Dimensions, MatlabElement Element, MatlabDataType Type, long Position, int Padding)
{
    private const int LongestPadding = 7;

    /// <summary>The extents, as in <c>32 x 32 x 3</c>.</summary>
    public string Shape => Describe(Dimensions);

    /// <summary>Takes up an array between its header and its values.</summary>
    public static MatlabArray Read(string path, MatlabElement element, MatlabArrayHeader header, StreamPart content)
    {
        string name = header.Name;
        if (!header.IsNumeric || header.IsComplex)
            throw new MatlabFormatException(
                $"has {name} as a {(header.IsComplex ? "complex" : $"{header.Class}")} array: a real, full array of numbers is "
                    + "needed");
        MatlabTag values = MatlabTag.Read(content, $"the values of {name}");
        RequireFit(name, header.Dimensions, values);
        long padding = content.Remaining - values.Length;
        return padding <= LongestPadding
            ? new MatlabArray(
                path, name, header.Dimensions, element, values.Type, MatlabTag.FullLength + content.Position, (int)padding)
            : throw MatlabFormatException.Damaged($"{name} goes on for {padding} bytes after its values");
    }

    /// <summary>Reads the values, which must be whole numbers from 0 to 255, in the order in which they are stored.</summary>
    /// <param name="blockLength">Values to a block; the array must be made of whole blocks.</param>
    /// <param name="take">Is given each block's index and values, in turn. No more than a block is in memory.</param>
    /// <exception cref="DropoutLabException">The file cannot be read, is damaged, or a value is none of these.</exception>
    public void ReadBytes(int blockLength, Action<int, ReadOnlySpan<byte>> take) => MatlabFile.Read(Path, file =>
    {
        using Stream opened = Element.Open(file);
        opened.ReadExactly(new byte[Position]);
        int size = Type.Size();
        byte[] stored = new byte[blockLength * size];
        byte[] bytes = Type == MatlabDataType.UInt8 ? stored : new byte[blockLength];
        long count = Dimensions.Aggregate(1L, (product, extent) => product * extent);
        for (int block = 0; block < count / blockLength; block++)
        {
            opened.ReadExactly(stored);
            if (bytes != stored)
                Narrow(stored, bytes, (long)block * blockLength);
            take(block, bytes);
        }

        RequireEnd(opened);
    });

    private static void RequireFit(string name, int[] dimensions, MatlabTag values)
    {
        int size = values.Type.Size();
        if (size == 0)
            throw MatlabFormatException.Damaged(
                $"the values of {name} are of type {(uint)values.Type}, which is none of numbers");
        if (Array.Exists(dimensions, extent => extent < 1))
            throw new MatlabFormatException($"has {name} of {Describe(dimensions)} values: every extent must be above 0");
        // In floating point, so that no extents overflow; exact wherever it can be equal to a length of 32 bits.
        double needed = dimensions.Aggregate((double)size, (product, extent) => product * extent);
        if (needed != values.Length)
            throw MatlabFormatException.Damaged(
                $"{name} has {values.Length} bytes of values, {Describe(dimensions)} of {size} bytes are {needed:F0}");
    }

    private static string Describe(int[] dimensions) => string.Join(" x ", dimensions);

    private void Narrow(ReadOnlySpan<byte> stored, Span<byte> bytes, long first)
    {
        int size = Type.Size();
        for (int i = 0; i < bytes.Length; i++)
        {
            double value = Type.Read(stored[(i * size)..]);
            bytes[i] = value is >= byte.MinValue and <= byte.MaxValue && double.IsInteger(value) ? (byte)value
                : throw new MatlabFormatException(
                    $"has {value.ToString(CultureInfo.InvariantCulture)} as value {first + i} of {Name}: "
                    + "whole numbers from 0 to 255 are needed");
        }
    }

    /// <summary>Goes to the end of what is compressed, where the checksum is; what goes on there is not expanded.</summary>
    private void RequireEnd(Stream opened)
    {
        opened.ReadExactly(new byte[Padding]);
        if (opened.ReadByte() >= 0)
            throw MatlabFormatException.Damaged($"what is compressed goes on after {Name}");
    }
}
