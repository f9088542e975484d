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
    /// <summary>Many times what the parameters of a large network need.</summary>
    private const int LongestHeadOfOneRead = 1 << 20;

    private readonly string path;
    private readonly Dictionary<string, NamedArray> byName;

    private SafetensorsFile(string path, SafetensorsHeader header, ReadOnlyMemory<byte> data, bool hasChecksum)
    {
        this.path = path;
        Arrays = [.. header.Entries.Select(entry =>
            new NamedArray(entry.Name, entry.Type, entry.Shape, data[(int)entry.Begin..(int)entry.End]))];
        Metadata = header.Metadata;
        HasChecksum = hasChecksum;
        byName = Arrays.ToDictionary(array => array.Name, StringComparer.Ordinal);
    }

    /// <summary>The arrays in the order in which their data lie in the file.</summary>
    public IReadOnlyList<NamedArray> Arrays { get; }

    /// <summary>The metadata as they were given to <see cref="Write"/>, without the checksum.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Whether the file carries a checksum (which then was found right). Files of other programs have none.</summary>
    public bool HasChecksum { get; }

    /// <summary>Writes the file whole or not at all (see <see cref="AtomicFile"/>).</summary>
    /// <exception cref="ArgumentException">Two arrays share a name, or a reserved name or key is used.</exception>
    /// <exception cref="DropoutLabException">The file cannot be written; an old one is as it was.</exception>
    public static void Write(string path, IReadOnlyList<NamedArray> arrays, IReadOnlyDictionary<string, string> metadata)
    {
        NamedArray[] ordered = [.. arrays
            .OrderByDescending(array => array.Type.SizeInBytes())
            .ThenBy(array => array.Name, StringComparer.Ordinal)];
        byte[] head = SafetensorsHeader.Format(ordered, metadata);
        SafetensorsChecksum.Seal(head, ordered.Select(array => array.Bytes));
        AtomicFile.Write(path, stream =>
        {
            stream.Write(head);
            foreach (NamedArray array in ordered)
                stream.Write(array.Bytes.Span);
        });
    }

    /// <summary>Reads and checks the whole file.</summary>
    /// <exception cref="DropoutLabException">
    /// The file cannot be read, is truncated, longer than its header says, damaged, or no safetensors file.
    /// </exception>
    public static SafetensorsFile Read(string path)
    {
        try
        {
            byte[] file = File.ReadAllBytes(path);
            int headLength = SafetensorsHeader.LengthOfHead(file);
            SafetensorsHeader header = SafetensorsHeader.Parse(
                file.AsMemory(SafetensorsHeader.PrefixLength..headLength), file.Length - headLength);
            if (header.Checksum is { } checksum)
                SafetensorsChecksum.Verify(file, headLength, checksum);
            return new SafetensorsFile(path, header, file.AsMemory(headLength), header.Checksum is not null);
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

    /// <summary>Reads the metadata alone, checking that the file has its full length but not the bytes of its arrays.</summary>
    /// <exception cref="DropoutLabException">As for <see cref="Read"/>.</exception>
    internal static IReadOnlyDictionary<string, string> ReadMetadata(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            byte[] head = new byte[Math.Min(stream.Length, LongestHeadOfOneRead)];
            stream.ReadExactly(head);
            int headLength = SafetensorsHeader.LengthOfHead(head);
            return SafetensorsHeader.Parse(head.AsMemory(SafetensorsHeader.PrefixLength..headLength), stream.Length - headLength).Metadata;
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

    // JSON's reader throws InvalidOperationException for text that is half a character, such as "\ud800".
    private static bool IsDamage(Exception exception) =>
        exception is InvalidDataException or JsonException or InvalidOperationException;

    private static string Describe(StoredType type, ReadOnlySpan<int> shape) => $"{type} [{string.Join(", ", shape.ToArray())}]";
}
