using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DropoutLab.Storage;

/// <summary>
/// Whole numbers of 64 bits in JSON, such as seeds: a number below 2⁵³, from there on its digits as a text. JavaScript, jq and
/// many others read numbers of JSON as doubles, which do not tell all whole numbers from there on apart. Both forms are read,
/// whatever the size.
/// </summary>
public sealed class ExactNumberConverter : JsonConverter<ulong>
{
    private const ulong FirstText = 1UL << 53;

    /// <inheritdoc/>
    public override ulong Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? ReadText(reader.GetString()!) : reader.GetUInt64();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ulong value, JsonSerializerOptions options)
    {
        if (value < FirstText)
            writer.WriteNumberValue(value);
        else
            writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
    }

    private static ulong ReadText(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)
        ? value
        : throw new JsonException($"'{text}' is no whole number of 64 bits");
}
