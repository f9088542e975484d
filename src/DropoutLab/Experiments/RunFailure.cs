using System.Text.Json;
using DropoutLab.Storage;

namespace DropoutLab.Experiments;

/// <summary>Why a run ended before its last epoch: a file in the run's folder, there until the run is tried again.</summary>
/// <param name="Reason">In one line.</param>
/// <param name="ExitCode">What its process ended with.</param>
/// <param name="Epochs">How many complete epochs it had: with more it has been gone on with since. Null in older files.</param>
internal sealed record RunFailure(string Reason, int ExitCode, int? Epochs = null)
{
    public const string FileName = "failure.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <exception cref="DropoutLabException">The folder cannot be written.</exception>
    public void Write(string folder)
    {
        FileFailure.WhileWriting(folder, () => Directory.CreateDirectory(folder));
        AtomicFile.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json) + "\n");
    }

    /// <summary>
    /// The failure that a folder records, or null; of a file that cannot be read, that it failed is all that is known.
    /// </summary>
    public static RunFailure? Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize<RunFailure>(File.ReadAllText(path), Json) ?? throw new JsonException();
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is JsonException || FileFailure.Is(exception))
        {
            return new RunFailure($"nobody knows why: {path} cannot be read; the next start tries the run again", 1);
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
