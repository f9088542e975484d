using System.Text;
using System.Text.Json;
using DropoutLab.Storage;
using DropoutLab.Training;

namespace DropoutLab.Runs;

/// <summary>A run's metrics.jsonl: one line of JSON an epoch.</summary>
public static class MetricsFile
{
    /// <summary>The file's name within the run's folder.</summary>
    public const string FileName = "metrics.jsonl";

    /// <summary>The line of an epoch, without its end.</summary>
    public static string Line(EpochMetrics metrics) => JsonSerializer.Serialize(metrics);

    /// <summary>Appends an epoch and waits until the disk has it.</summary>
    public static void Append(string folder, EpochMetrics metrics)
    {
        string path = Path.Combine(folder, FileName);
        FileFailure.WhileWriting(path, () =>
        {
            using FileStream stream = new(path, FileMode.Append, FileAccess.Write, FileShare.Read);
            stream.Write(Encoding.UTF8.GetBytes(Line(metrics) + "\n"));
            stream.Flush(flushToDisk: true);
        });
    }

    /// <summary>Every whole line of a run, in order; what was cut off at the end is left out.</summary>
    /// <exception cref="DropoutLabException">A line before the last is damaged.</exception>
    public static IReadOnlyList<EpochMetrics> Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return [];
        try
        {
            string text = File.ReadAllText(path);
            int whole = text.LastIndexOf('\n') + 1;
            string[] lines = text[..whole].Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return [.. lines.Select((line, i) => Parse(path, line, i + 1))];
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw FileFailure.Reading(path, exception);
        }
    }

    /// <summary><see cref="Read"/>, of the lines of one run.</summary>
    /// <exception cref="DropoutLabException">A line before the last is damaged, or of another run.</exception>
    internal static IReadOnlyList<EpochMetrics> ReadOf(RunConfiguration run, string folder)
    {
        IReadOnlyList<EpochMetrics> epochs = Read(folder);
        if (epochs.FirstOrDefault(metrics => metrics.RunId != run.RunId) is { } other)
            throw new DropoutLabException(
                $"{Path.Combine(folder, FileName)}, epoch {other.Epoch}: it is of another run than {RunConfiguration.FileName}; "
                + "put the run's own file back");
        return epochs;
    }

    /// <summary>Drops what came after an epoch: the lines of work that a resumed run does again.</summary>
    /// <exception cref="DropoutLabException">
    /// Lines up to that epoch are missing, or there is no checkpoint behind several.
    /// </exception>
    public static void KeepUpTo(string folder, int epoch)
    {
        IReadOnlyList<EpochMetrics> all = Read(folder), lines = [.. all.Where(metrics => metrics.Epoch <= epoch)];
        if (epoch == 0 && all.Count > 1)
            throw new DropoutLabException(
                $"{Path.Combine(folder, FileName)} has {all.Count} epochs, its checkpoint is gone: put it back, or start the run "
                    + "anew in another folder");
        if (lines.Count != epoch)
            throw new DropoutLabException(
                $"{Path.Combine(folder, FileName)} has {lines.Count} epochs, its checkpoint {epoch}; start the run anew in "
                    + "another folder");
        AtomicFile.WriteText(Path.Combine(folder, FileName), string.Concat(lines.Select(metrics => Line(metrics) + "\n")));
    }

    private static EpochMetrics Parse(string path, string line, int number)
    {
        try
        {
            return JsonSerializer.Deserialize<EpochMetrics>(line) ?? throw new JsonException();
        }
        catch (JsonException exception)
        {
            throw new DropoutLabException($"{path}, line {number}: no JSON object of an epoch", exception);
        }
    }
}
