using System.Buffers.Binary;
using System.IO.Compression;
using DropoutLab.Storage;

namespace DropoutLab.Data;

/// <summary>
/// An array of bytes in the IDX format of MNIST: two zero bytes, the element type (8: unsigned byte), the number of dimensions,
/// each extent as 32-bit big-endian, then the elements in row-major order.
/// </summary>
/// <param name="Path">The file that it was read from.</param>
/// <param name="Shape">The extents, outermost first.</param>
/// <param name="Values">The elements.</param>
/// <remarks>
/// Source: Y. LeCun, C. Cortes, C. J. C. Burges, The MNIST database of handwritten digits, section "The IDX file format".
/// </remarks>
internal sealed record IdxFile(string Path, int[] Shape, ReadOnlyMemory<byte> Values)
{
    private const int MagicLength = 4;
    private const int ExtentLength = 4;
    private const int UnsignedByteMagic = 0x0800;
    private const string Packed = ".gz";
    private const int ChunkLength = 1 << 16;
    private const int MostBytes = 1 << 26; // 60,000 images of 28×28 are 47 million

    /// <summary>The file, unpacked or as <c>.gz</c>, in <paramref name="folder"/>, or null where neither is there.</summary>
    public static string? Find(string folder, string name)
    {
        string path = System.IO.Path.Combine(folder, name);
        return File.Exists(path) ? path : File.Exists(path + Packed) ? path + Packed : null;
    }

    /// <exception cref="DropoutLabException">The file cannot be read, is no IDX file of bytes, truncated or too long.</exception>
    public static IdxFile Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MostBytes)
                throw new InvalidDataException($"it has more than {MostBytes} bytes, and no file of MNIST's kind does");
            return Parse(path, path.EndsWith(Packed, StringComparison.Ordinal) ? Unpack(path) : File.ReadAllBytes(path));
        }
        catch (InvalidDataException exception)
        {
            string reason = exception.Message.ReplaceLineEndings(" ").TrimEnd('.');
            throw new DropoutLabException($"{path} is damaged: {reason}", exception) { DamagedFile = path };
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw FileFailure.Reading(path, exception);
        }
    }

    /// <exception cref="DropoutLabException">The shape is not the right one.</exception>
    public void RequireShape(string right, Predicate<int[]> isRight)
    {
        if (!isRight(Shape))
            throw new DropoutLabException($"{Path} holds {Describe(Shape)} bytes, {right} are needed") { DamagedFile = Path };
    }

    private static ReadOnlyMemory<byte> Unpack(string path)
    {
        byte[] packed = File.ReadAllBytes(path);
        using GZipStream unzipped = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        MemoryStream bytes = new MemoryStream();
        byte[] chunk = new byte[ChunkLength];
        for (int count; (count = unzipped.Read(chunk)) > 0; bytes.Write(chunk, 0, count))
        {
            if (bytes.Length + count > MostBytes)
                throw new InvalidDataException($"it unpacks to more than {MostBytes} bytes, and no file of MNIST's kind does");
        }

        // GZipStream takes a missing end for the end, and then checks nothing: see whether the length that closes the file
        // (RFC 1952, ISIZE) is there.
        if (packed.Length < sizeof(uint)
            || BinaryPrimitives.ReadUInt32LittleEndian(packed.AsSpan(^sizeof(uint)..)) != bytes.Length)
            throw new InvalidDataException($"it ends early, {bytes.Length} bytes were unpacked");
        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }

    private static IdxFile Parse(string path, ReadOnlyMemory<byte> bytes)
    {
        ReadOnlySpan<byte> head = bytes.Span;
        int magic = head.Length >= MagicLength ? BinaryPrimitives.ReadInt32BigEndian(head) : 0;
        int dimensions = magic - UnsignedByteMagic;
        int headLength = MagicLength + (ExtentLength * dimensions);
        if (dimensions is < 1 or > 255 || head.Length < headLength)
            throw new DropoutLabException(
                $"{path} ({bytes.Length} bytes unpacked) is no IDX file of bytes: such a file begins with 00 00 08, "
                + "its number of dimensions and their extents")
            { DamagedFile = path };
        int[] shape = new int[dimensions];
        for (int dimension = 0; dimension < dimensions; dimension++)
            shape[dimension] = BinaryPrimitives.ReadInt32BigEndian(head[(MagicLength + (ExtentLength * dimension))..]);
        RequireLength(path, shape, bytes.Length - headLength);
        return new IdxFile(path, shape, bytes[headLength..]);
    }

    private static void RequireLength(string path, int[] shape, int length)
    {
        // In floating point, so that no extents overflow; exact wherever the length of an array can be equal to it.
        double needed = shape.Aggregate(1.0, (product, extent) => product * extent);
        if (Array.Exists(shape, extent => extent < 0) || needed != length)
            throw new DropoutLabException(
                $"{path} holds {length} bytes after its header, which promises {Describe(shape)} = {needed:F0}")
            { DamagedFile = path };
    }

    private static string Describe(int[] shape) => string.Join(" x ", shape);
}
