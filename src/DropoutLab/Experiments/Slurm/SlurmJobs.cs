using System.Text.Json;
using DropoutLab.Storage;

namespace DropoutLab.Experiments.Slurm;

/// <summary>A sweep's slurm.json: the job arrays that were submitted, and whose run each of their tasks is.</summary>
/// <param name="Format">The format's name and version.</param>
/// <param name="Jobs">In the order in which they were submitted.</param>
internal sealed record SlurmJobs(string Format, IReadOnlyList<SlurmJob> Jobs)
{
    public const string FileName = "slurm.json";

    private const string CurrentFormat = "dropoutlab-slurm-1";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>None where there is no such file.</summary>
    /// <exception cref="DropoutLabException">The file cannot be read, or is none that this program writes.</exception>
    public static SlurmJobs Read(string root)
    {
        string path = Path.Combine(root, FileName);
        if (!File.Exists(path))
            return new SlurmJobs(CurrentFormat, []);
        try
        {
            SlurmJobs? jobs = JsonSerializer.Deserialize<SlurmJobs>(File.ReadAllText(path), Json);
            return jobs?.Format == CurrentFormat ? jobs : throw new JsonException($"its format is not {CurrentFormat}");
        }
        catch (JsonException exception)
        {
            throw new DropoutLabException(
                $"{path} is no list of jobs: {exception.Message.ReplaceLineEndings(" ")}; where Slurm has none of them any more, "
                    + "delete it", exception);
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw FileFailure.Reading(path, exception);
        }
    }

    public void Write(string root) =>
        AtomicFile.WriteText(Path.Combine(root, FileName), JsonSerializer.Serialize(this, Json) + "\n");

    /// <summary>With one more job; what was submitted anew with it is its tasks' business alone.</summary>
    public SlurmJobs With(string id, IReadOnlyList<string> runs) =>
        this with { Jobs = [.. Jobs.Where(job => job.Runs.Except(runs).Any()), new SlurmJob(id, runs)] };

    /// <summary>Some runs by the task that is theirs: of each the one that was submitted last.</summary>
    public Dictionary<string, string> RunsByTask(IReadOnlySet<string> runs)
    {
        Dictionary<string, string> taskOf = [];
        foreach (SlurmJob job in Jobs)
        {
            foreach ((int index, string run) in job.Runs.Index().Where(pair => runs.Contains(pair.Item)))
                taskOf[run] = $"{job.Id}_{index}";
        }

        return taskOf.ToDictionary(pair => pair.Value, pair => pair.Key);
    }
}

/// <summary>A job array that was submitted.</summary>
/// <param name="Id">Slurm's number of it.</param>
/// <param name="Runs">The names of the runs of its tasks 0, 1, …</param>
internal sealed record SlurmJob(string Id, IReadOnlyList<string> Runs);
