using System.Text.Json;

namespace DropoutLab.Storage;

/// <summary>
/// Named arrays and text metadata in the safetensors format: an 8-byte little-endian header length, a JSON header
/// (element type, shape and data offsets by name, text by key under <c>__metadata__</c>), then the arrays' bytes without gaps.
/// </summary>
/// <remarks>
/// Equal input gives equal bytes: arrays are placed by falling element size and then by name (so each lies aligned), metadata
/// by key. The metadata entry <c>sha256</c> is the SHA-256 of the whole file with that entry's own 64 digits read as zeros.
/// Source: https://github.com/huggingface/safetensors, section Format.
/// </remarks>
public sealed class SafetensorsFile
{
    /// <summary>What is read, hashed or written at a time: nothing of .NET's or the system's takes 2 GB at once.</summary>
    private const int PieceBytes = 1 << 28;

    private readonly string path;
    private readonly Dictionary<string, NamedArray> byName;

    private SafetensorsFile(string path, SafetensorsHeader header, IReadOnlyList<NamedArray> arrays)
    {
        this.path = path;
        Arrays = arrays;
        Metadata = header.Metadata;
        HasChecksum = header.Checksum is not null;
        byName = Arrays.ToDictionary(array => array.Name, StringComparer.Ordinal);
    }

    /// <summary>The arrays in the order in which their data lie in the file.</summary>
    public IReadOnlyList<NamedArray> Arrays { get; }

    /// <summary>The metadata as they were given to Write, without the checksum.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Whether the file carries a checksum (which then was found right). Files of other programs have none.</summary>
    public bool HasChecksum { get; }

    /// <summary>Writes the file whole or not at all (see <see cref="AtomicFile"/>).</summary>
    /// <exception cref="ArgumentException">Two arrays share a name, or a reserved name or key is used.</exception>
    /// <exception cref="DropoutLabException">
    /// The file cannot be written, or could not be read: its names and metadata are too long or no text. An old one is as it was.
    /// </exception>
    public static void Write(string path, IReadOnlyList<NamedArray> arrays, IReadOnlyDictionary<string, string> metadata) =>
        Write(path, arrays, metadata, PieceBytes);

    /// <param name="path">The file.</param>
    /// <param name="arrays">What is in it.</param>
    /// <param name="metadata">What is said of it.</param>
    /// <param name="pieceBytes">What is hashed and written at a time.</param>
    internal static void Write(
        string path, IReadOnlyList<NamedArray> arrays, IReadOnlyDictionary<string, string> metadata, int pieceBytes)
    {
        NamedArray[] ordered = [.. arrays
            .OrderByDescending(array => array.Type.SizeInBytes())
            .ThenBy(array => array.Name, StringComparer.Ordinal)];
        byte[] head = SafetensorsHeader.Format(SafetensorsHeader.EntriesOf(ordered), metadata);
        SafetensorsChecksum.Seal(head, ordered, pieceBytes);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(head);
            foreach (NamedArray array in ordered)
                array.ForEachPiece(pieceBytes, piece => stream.Write(piece));
        });
    }

    /// <summary>Reads and checks the whole file.</summary>
    /// <exception cref="DropoutLabException">
    /// The file cannot be read, is truncated, longer than its header says, damaged, or no safetensors file.
    /// </exception>
    public static SafetensorsFile Read(string path) => Read(path, PieceBytes);

    /// <param name="path">The file.</param>
    /// <param name="pieceBytes">What is read and hashed at a time.</param>
    internal static SafetensorsFile Read(string path, int pieceBytes) => Reading(path, stream =>
    {
        (byte[] head, SafetensorsHeader header) = SafetensorsHeader.Read(stream);
        NamedArray[] arrays = [.. header.Entries.Select(NamedArray.Blank)];
        foreach (NamedArray array in arrays)
            array.ForEachPiece(pieceBytes, piece => stream.ReadExactly(piece));
        if (header.Checksum is { } checksum)
            SafetensorsChecksum.Verify(head, arrays, checksum, pieceBytes);
        return new SafetensorsFile(path, header, arrays);
    });

    /// <summary>Reads the metadata alone, checking that the file has its full length but not the bytes of its arrays.</summary>
    /// <exception cref="DropoutLabException">As for <see cref="Read(string)"/>.</exception>
    internal static IReadOnlyDictionary<string, string> ReadMetadata(string path) =>
        Reading(path, stream => SafetensorsHeader.Read(stream).Header.Metadata);

    /// <summary>Reads what arrays there are, as <see cref="ReadMetadata"/> does.</summary>
    /// <exception cref="DropoutLabException">As for <see cref="Read(string)"/>.</exception>
    internal static IReadOnlyList<SafetensorsEntry> ReadEntries(string path) =>
        Reading(path, stream => SafetensorsHeader.Read(stream).Header.Entries);

    /// <summary>The values of the array <paramref name="name"/>, row-major, of exactly this type and shape.</summary>
    /// <exception cref="DropoutLabException">There is no such array, or its type or shape is another.</exception>
    public ReadOnlySpan<T> Values<T>(string name, ReadOnlySpan<int> shape) where T : unmanaged
    {
        if (!byName.TryGetValue(name, out NamedArray? array))
            throw new DropoutLabException(
                $"{path} has no array '{name}': it holds {string.Join(", ", byName.Keys.Order(StringComparer.Ordinal))}");
        if (array.Type != StoredTypes.Of<T>() || !array.Shape.SequenceEqual(shape))
            throw new DropoutLabException(
                $"{path} holds '{name}' as {Describe(array.Type, array.Shape)}, "
                + $"{Describe(StoredTypes.Of<T>(), shape)} is needed");
        return array.Values<T>();
    }

    private static T Reading<T>(string path, Func<FileStream, T> read)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return read(stream);
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw FileFailure.Reading(path, exception);
        }
        catch (Exception exception) when (IsDamage(exception))
        {
            throw new DropoutLabException(
                $"{path} is damaged or no safetensors file: {exception.Message.ReplaceLineEndings(" ")}", exception);
        }
    }

    // JSON's reader throws InvalidOperationException for text that is half a character, such as "\ud800".
    private static bool IsDamage(Exception exception) =>
        exception is InvalidDataException or JsonException or InvalidOperationException;

    private static string Describe(StoredType type, ReadOnlySpan<int> shape) => $"{type} [{string.Join(", ", shape.ToArray())}]";
}

/// <summary>What a safetensors header says of one array; the offsets count bytes from the beginning of the data.</summary>
internal sealed record SafetensorsEntry(string Name, StoredType Type, int[] Shape, long Begin, long End);
