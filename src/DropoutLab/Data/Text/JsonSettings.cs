using System.Text.Json;
using DropoutLab.Storage;

namespace DropoutLab.Data.Text;

/// <summary>A small JSON file of named settings, as other programs write them beside a model.</summary>
internal sealed class JsonSettings
{
    private const long MostBytes = 1 << 24;

    private readonly string path;
    private readonly JsonElement root;

    private JsonSettings(string path, JsonElement root) => (this.path, this.root) = (path, root);

    /// <exception cref="DropoutLabException">The file cannot be read or is no object in JSON.</exception>
    public static JsonSettings Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MostBytes)
                throw new DropoutLabException($"{path} has more than {MostBytes} bytes: it holds no settings");
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonSettings(path, document.RootElement.Clone())
                : throw new DropoutLabException($"{path} is JSON of the kind {document.RootElement.ValueKind}, Object is needed");
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw FileFailure.Reading(path, exception);
        }
        catch (JsonException exception)
        {
            throw new DropoutLabException($"{path} is no JSON: {exception.Message.ReplaceLineEndings(" ")}", exception);
        }
    }

    /// <summary>A whole number from 1 on.</summary>
    public int Count(string name, int? standard = null) =>
        Value(name) is not { } value ? standard ?? throw Missing(name)
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= 1 ? number
        : throw Wrong(name, value, "a whole number of at least 1 is needed");

    /// <summary>A number above 0.</summary>
    public double Positive(string name, double standard) =>
        Value(name) is not { } value ? standard
        : value.ValueKind == JsonValueKind.Number && value.GetDouble() is > 0 and < double.PositiveInfinity ? value.GetDouble()
        : throw Wrong(name, value, "a number above 0 is needed");

    /// <summary>Yes or no; where nothing is said, or null, the standard.</summary>
    public bool Flag(string name, bool standard) =>
        Value(name) is not { } value ? standard
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Wrong(name, value, "true or false is needed");

    /// <summary>Refuses whatever but one value.</summary>
    public void Require(string name, string only)
    {
        if (Value(name) is { } value && (value.ValueKind != JsonValueKind.String || value.GetString() != only))
            throw Wrong(name, value, $"only \"{only}\" can be computed here");
    }

    private JsonElement? Value(string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private DropoutLabException Missing(string name) => new($"{path} says nothing of {name}, which is needed");

    private DropoutLabException Wrong(string name, JsonElement value, string right)
    {
        const int Most = 60;
        string text = value.GetRawText().ReplaceLineEndings(" ");
        return new($"{path} has {name} {(text.Length <= Most ? text : $"{text[..Most]}…")}: {right}");
    }
}
