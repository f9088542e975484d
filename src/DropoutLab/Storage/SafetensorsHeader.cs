using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace DropoutLab.Storage;

/// <summary>
/// The head of a safetensors file: the 8-byte length and the JSON text, padded with spaces so that the data begin at a
/// multiple of 8 bytes. What is wrong with a head is thrown as <see cref="InvalidDataException"/>, or as what JSON's own reader
/// throws.
/// </summary>
internal sealed record SafetensorsHeader(
    IReadOnlyList<SafetensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata, string? Checksum)
{
    private const int PrefixLength = sizeof(ulong);
    private const int Alignment = 8;
    private const int LongestJson = 100_000_000; // the limit of the format's own reader

    /// <summary>The name that no array can have.</summary>
    public const string MetadataName = "__metadata__";

    /// <summary>Where arrays lie that follow one another in this order.</summary>
    public static IReadOnlyList<SafetensorsEntry> EntriesOf(IEnumerable<NamedArray> arrays)
    {
        long end = 0;
        return [.. arrays.Select(array =>
            new SafetensorsEntry(array.Name, array.Type, array.Shape.ToArray(), end, end += array.ByteSize))];
    }

    /// <summary>The head for these arrays, with a blank checksum.</summary>
    /// <exception cref="ArgumentException">Two arrays share a name, or a reserved name or key is used.</exception>
    /// <exception cref="DropoutLabException">It could not be read again.</exception>
    public static byte[] Format(IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        CheckNames(entries, metadata);
        using MemoryStream buffer = new MemoryStream();
        buffer.Write(stackalloc byte[PrefixLength]);
        using (Utf8JsonWriter json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteMetadata(json, metadata);
            WriteEntries(json, entries);
            json.WriteEndObject();
        }

        while (buffer.Length % Alignment != 0)
            buffer.WriteByte((byte)' ');
        if (buffer.Length - PrefixLength > LongestJson)
            throw new DropoutLabException(
                $"the names and metadata of {entries.Count} arrays take {buffer.Length - PrefixLength} bytes, "
                + $"a safetensors file has room for {LongestJson}: shorter or fewer are needed");
        byte[] head = buffer.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)(head.Length - PrefixLength));
        return head;
    }

    /// <summary>Reads a file's head, and checks what it says of the arrays against the file's length.</summary>
    public static (byte[] Head, SafetensorsHeader Header) Read(FileStream stream)
    {
        if (!stream.CanSeek)
            throw new IOException("it is a pipe or a device, a file is needed");
        if (stream.Length < PrefixLength)
            throw new InvalidDataException($"it has {stream.Length} bytes, at least {PrefixLength} are needed");
        byte[] prefix = new byte[PrefixLength];
        stream.ReadExactly(prefix);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        ulong longest = (ulong)Math.Min(LongestJson, stream.Length - PrefixLength);
        if (length > longest)
            throw new InvalidDataException($"its header claims {length} bytes, the file has room for {longest}");
        byte[] head = [.. prefix, .. new byte[length]];
        stream.ReadExactly(head.AsSpan(PrefixLength));
        return (head, Parse(head.AsMemory(PrefixLength), stream.Length - head.Length));
    }

    /// <summary>Reads the JSON and checks it against the number of bytes that follow it.</summary>
    private static SafetensorsHeader Parse(ReadOnlyMemory<byte> json, long dataLength)
    {
        if (!Utf8.IsValid(json.Span))
            throw new InvalidDataException("its header is not UTF-8");
        using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
        RequireKind(document.RootElement, JsonValueKind.Object, "the header");

        List<SafetensorsEntry> entries = new List<SafetensorsEntry>();
        Dictionary<string, string> metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (JsonProperty property in document.RootElement.EnumerateObject())
        {
            if (property.NameEquals(MetadataName))
                ReadMetadata(property.Value, metadata);
            else
                entries.Add(ReadEntry(property.Name, property.Value));
        }

        metadata.Remove(SafetensorsChecksum.Key, out string? checksum);
        entries.Sort((left, right) => (left.Begin, left.End).CompareTo((right.Begin, right.End)));
        RequireNoGaps(entries, dataLength);
        return new SafetensorsHeader(entries, metadata, checksum);
    }

    private static void CheckNames(IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        string? twice = entries.CountBy(entry => entry.Name, StringComparer.Ordinal).FirstOrDefault(count => count.Value > 1).Key;
        if (twice is not null)
            throw new ArgumentException($"two arrays are named '{twice}'", nameof(entries));
        if (entries.Any(entry => entry.Name == MetadataName))
            throw new ArgumentException($"the name '{MetadataName}' is reserved", nameof(entries));
        if (metadata.ContainsKey(SafetensorsChecksum.Key))
            throw new ArgumentException($"the key '{SafetensorsChecksum.Key}' is reserved", nameof(metadata));
        IEnumerable<string> texts = entries.Select(entry => entry.Name).Concat(metadata.Keys).Concat(metadata.Values);
        if (texts.FirstOrDefault(text => AsRead(text) != text) is { } half)
            throw new DropoutLabException(
                $"'{AsRead(half)}' has half a character, which no file can hold: give it another name");
    }

    /// <summary>A text as it comes back from a file: in place of half a character there is another.</summary>
    private static string AsRead(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject(MetadataName);
        KeyValuePair<string, string> checksum = KeyValuePair.Create(SafetensorsChecksum.Key, SafetensorsChecksum.Blank);
        foreach ((string key, string value) in metadata.Append(checksum).OrderBy(entry => entry.Key, StringComparer.Ordinal))
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void WriteEntries(Utf8JsonWriter json, IReadOnlyList<SafetensorsEntry> entries)
    {
        foreach (SafetensorsEntry entry in entries)
        {
            json.WriteStartObject(entry.Name);
            json.WriteString("dtype", entry.Type.ToString());
            json.WriteStartArray("shape");
            foreach (int extent in entry.Shape)
                json.WriteNumberValue(extent);
            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(entry.Begin);
            json.WriteNumberValue(entry.End);
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private static void ReadMetadata(JsonElement element, Dictionary<string, string> metadata)
    {
        RequireKind(element, JsonValueKind.Object, MetadataName);
        foreach (JsonProperty property in element.EnumerateObject())
            metadata.Add(property.Name, TextOf(property.Value, MetadataName));
    }

    private static SafetensorsEntry ReadEntry(string name, JsonElement element)
    {
        RequireKind(element, JsonValueKind.Object, $"'{name}'");
        StoredType type = ReadType(name, Member(name, element, "dtype"));
        long[] extents = ReadIntegers(name, Member(name, element, "shape"));
        long[] offsets = ReadIntegers(name, Member(name, element, "data_offsets"));
        if (offsets.Length != 2)
            throw new InvalidDataException($"'{name}' has {offsets.Length} data offsets, 2 are needed");

        Int128 size = type.SizeInBytes();
        foreach (long extent in extents)
            size = extent <= int.MaxValue && size <= long.MaxValue ? size * extent
                : throw new InvalidDataException($"'{name}' has the shape [{string.Join(", ", extents)}], which is too large");
        if (size != (Int128)offsets[1] - offsets[0])
            throw new InvalidDataException(
                $"'{name}' is {type} [{string.Join(", ", extents)}] and needs {size} bytes, "
                + $"its offsets are {offsets[0]} to {offsets[1]}");
        if (size / type.SizeInBytes() > Array.MaxLength)
            throw new InvalidDataException($"'{name}' has the shape [{string.Join(", ", extents)}], which is too large");
        return new SafetensorsEntry(name, type, Array.ConvertAll(extents, extent => (int)extent), offsets[0], offsets[1]);
    }

    private static StoredType ReadType(string name, JsonElement element)
    {
        string text = TextOf(element, $"the dtype of '{name}'");
        return Enum.TryParse(text, out StoredType type) && string.Equals(type.ToString(), text, StringComparison.Ordinal)
            ? type
            : throw new InvalidDataException(
                $"'{name}' has the dtype {text}, readable are {string.Join(", ", Enum.GetNames<StoredType>())}");
    }

    private static long[] ReadIntegers(string name, JsonElement element)
    {
        RequireKind(element, JsonValueKind.Array, $"a list of '{name}'");
        return [.. element.EnumerateArray().Select(item =>
            item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out long value) && value >= 0
                ? value
                : throw new InvalidDataException($"'{name}' lists {item.GetRawText()}, an integer of at least 0 is needed"))];
    }

    private static JsonElement Member(string name, JsonElement element, string member) =>
        element.TryGetProperty(member, out JsonElement value)
            ? value
            : throw new InvalidDataException($"'{name}' has no {member}");

    private static void RequireKind(JsonElement element, JsonValueKind kind, string what)
    {
        if (element.ValueKind != kind)
            throw new InvalidDataException($"{what} is JSON of the kind {element.ValueKind}, {kind} is needed");
    }

    private static string TextOf(JsonElement element, string what)
    {
        RequireKind(element, JsonValueKind.String, what);
        return element.GetString()!;
    }

    private static void RequireNoGaps(IReadOnlyList<SafetensorsEntry> entries, long dataLength)
    {
        long position = 0;
        foreach (SafetensorsEntry entry in entries)
        {
            if (entry.Begin != position)
                throw new InvalidDataException(
                    $"the data of '{entry.Name}' begin at {entry.Begin}, those before it end at {position}");
            position = entry.End;
        }

        if (position != dataLength)
            throw new InvalidDataException($"its arrays take {position} bytes, the file has {dataLength} after the header");
    }
}
