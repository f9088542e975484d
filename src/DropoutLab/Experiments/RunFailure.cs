using System.Text.Json;
using DropoutLab.Storage;

namespace DropoutLab.Experiments;

/// <summary>Why a run ended before its last epoch: a file in the run's folder, there until the run is tried again.</summary>
/// <param name="Reason">In one line.</param>
/// <param name="ExitCode">What its process ended with.</param>
internal sealed record RunFailure(string Reason, int ExitCode)
{
    public const string FileName = "failure.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <exception cref="DropoutLabException">The folder cannot be written.</exception>
    public void Write(string folder)
    {
        FileFailure.WhileWriting(folder, () => Directory.CreateDirectory(folder));
        AtomicFile.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json) + "\n");
    }

    /// <summary>The failure that a folder records, or null.</summary>
    public static RunFailure? Read(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize<RunFailure>(File.ReadAllText(Path.Combine(folder, FileName)), Json);
        }
        catch (Exception exception) when (exception is JsonException || FileFailure.Is(exception))
        {
            return null;
        }
    }

    /// <exception cref="DropoutLabException">The file cannot be deleted.</exception>
    public static void Forget(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        string path = Path.Combine(folder, FileName);
        FileFailure.WhileWriting(path, () => File.Delete(path));
    }
}
