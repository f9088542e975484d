using System.IO.Compression;
using System.Text;

namespace DropoutLab.Tests.Data.Matlab;

/// <summary>
/// Files in MATLAB's level 5 format, part by part, so that each part can be wrong; its numbers for types and classes.
/// </summary>
internal static class MatlabBytes
{
    public const int MiInt8 = 1, MiUInt8 = 2, MiInt16 = 3, MiUInt16 = 4, MiInt32 = 5, MiUInt32 = 6, MiSingle = 7, MiDouble = 9,
        MiInt64 = 12, MiUInt64 = 13;

    public const int CellClass = 1, CharClass = 4, SparseClass = 5, DoubleClass = 6, UInt8Class = 9, OpaqueClass = 17;

    private const int Matrix = 14, Compressed = 15;

    public static byte[] FileOf(params IEnumerable<byte[]> arrays) => [.. Header(), .. arrays.SelectMany(array => array)];

    public static byte[] Header(int version = 0x0100, string endianMark = "IM") =>
    [
        .. Encoding.ASCII.GetBytes("MATLAB 5.0 MAT-file, made by a test".PadRight(116)),
        .. new byte[8],
        .. BitConverter.GetBytes((ushort)version),
        .. Encoding.ASCII.GetBytes(endianMark),
    ];

    /// <summary>An array of numbers, each of them stored as <paramref name="type"/>.</summary>
    public static byte[] Variable(string name, int[] dimensions, int type, IEnumerable<double> values) =>
        Variable(name, dimensions, Element(type, [.. values.SelectMany(value => Store(type, value))]));

    /// <summary>An array with the data elements given behind its name.</summary>
    public static byte[] Variable(
        string name, int[] dimensions, byte[] values, int arrayClass = DoubleClass, int flags = 0) =>
        Element(Matrix, [.. Flags(arrayClass, flags), .. Dimensions(dimensions), .. Name(name), .. values]);

    public static byte[] ArrayOf(params IEnumerable<byte[]> elements) =>
        Element(Matrix, [.. elements.SelectMany(element => element)]);

    public static byte[] Flags(int arrayClass, int flags = 0) =>
        Element(MiUInt32, [(byte)arrayClass, (byte)flags, 0, 0, 0, 0, 0, 0]);

    public static byte[] Dimensions(params int[] extents) => Element(MiInt32, [.. extents.SelectMany(BitConverter.GetBytes)]);

    public static byte[] Name(string name) => Element(MiInt8, Encoding.ASCII.GetBytes(name));

    /// <summary>A data element: tag, content, padding; in the tag where it is small, as MATLAB does it.</summary>
    /// <param name="promised">The length in the tag, where it is another than the content's.</param>
    public static byte[] Element(int type, byte[] content, uint? promised = null)
    {
        int length = content.Length;
        return promised is null && length is > 0 and <= 4
            ? [.. BitConverter.GetBytes((uint)(type | (length << 16))), .. content, .. new byte[4 - length]]
            : [.. Tag(type, promised ?? (uint)length), .. content, .. new byte[-length & 7]];
    }

    public static byte[] Tag(int type, uint length) => [.. BitConverter.GetBytes((uint)type), .. BitConverter.GetBytes(length)];

    /// <summary>An array as MATLAB 7 writes it.</summary>
    public static byte[] Compress(byte[] array)
    {
        byte[] compressed = Deflate(stream => stream.Write(array));
        return [.. Tag(Compressed, (uint)compressed.Length), .. compressed];
    }

    /// <summary>A compressed element that begins with <paramref name="first"/> and goes on with zeros.</summary>
    public static byte[] Bomb(byte[] first, long zeros)
    {
        byte[] compressed = Deflate(stream =>
        {
            stream.Write(first);
            byte[] block = new byte[1 << 20];
            for (long left = zeros; left > 0; left -= block.Length)
                stream.Write(block.AsSpan(0, (int)Math.Min(left, block.Length)));
        });
        return [.. Tag(Compressed, (uint)compressed.Length), .. compressed];
    }

    private static byte[] Deflate(Action<Stream> write)
    {
        MemoryStream bytes = new MemoryStream();
        using (ZLibStream stream = new ZLibStream(bytes, CompressionLevel.Optimal, leaveOpen: true))
            write(stream);
        return bytes.ToArray();
    }

    private static byte[] Store(int type, double value) => type switch
    {
        MiInt8 => [(byte)(sbyte)value],
        MiUInt8 => [(byte)value],
        MiInt16 => BitConverter.GetBytes((short)value),
        MiUInt16 => BitConverter.GetBytes((ushort)value),
        MiInt32 => BitConverter.GetBytes((int)value),
        MiUInt32 => BitConverter.GetBytes((uint)value),
        MiSingle => BitConverter.GetBytes((float)value),
        MiDouble => BitConverter.GetBytes(value),
        MiInt64 => BitConverter.GetBytes((long)value),
        MiUInt64 => BitConverter.GetBytes((ulong)value),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}
