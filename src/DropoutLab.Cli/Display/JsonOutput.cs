using System.Text.Encodings.Web;
using System.Text.Json;
using DropoutLab.Storage;

namespace DropoutLab.Cli.Display;

/// <summary>Results as JSON: names in snake_case.</summary>
internal static class JsonOutput
{
    private static readonly JsonSerializerOptions Compact = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new ExactNumberConverter() },
    };

    private static readonly JsonSerializerOptions Indented = new(Compact) { WriteIndented = true };

    /// <summary>On one line.</summary>
    public static string Line<T>(T value) => JsonSerializer.Serialize(value, Compact);

    /// <summary>For a file that people read too.</summary>
    public static string Text<T>(T value) => JsonSerializer.Serialize(value, Indented) + "\n";
}
