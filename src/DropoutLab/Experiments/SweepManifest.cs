using System.Text.Encodings.Web;
using System.Text.Json;
using DropoutLab.Runs;
using DropoutLab.Storage;

namespace DropoutLab.Experiments;

/// <summary>
/// A sweep's sweep.json: every run with every setting resolved, so that nobody needs the YAML to read the folder.
/// </summary>
/// <param name="Format">The format's name and version.</param>
/// <param name="Name">The sweep's name.</param>
/// <param name="Threads">Of each run, unless its cell says otherwise.</param>
/// <param name="Seeds">Of each cell.</param>
/// <param name="Cells">In the file's order.</param>
internal sealed record SweepManifest(
    string Format, string Name, int Threads, IReadOnlyList<ulong> Seeds, IReadOnlyList<SweepCell> Cells)
{
    public const string FileName = "sweep.json";

    private const string CurrentFormat = "dropoutlab-sweep-1";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        RespectNullableAnnotations = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectRequiredConstructorParameters = true,
        Converters = { new ExactNumberConverter() },
    };

    public SweepPlan Plan => new(Name, Cells, Seeds);

    public static SweepManifest Of(SweepPlan plan, int threads) => new(CurrentFormat, plan.Name, threads, plan.Seeds, plan.Cells);

    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, FileName));

    public void Write(string folder) =>
        AtomicFile.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json) + "\n");

    /// <exception cref="DropoutLabException">There is none, or it is not one that this program writes.</exception>
    public static SweepManifest Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new DropoutLabException($"{folder} is no sweep's folder: {FolderContents.Instead(folder, FileName)}");
        try
        {
            SweepManifest? manifest = JsonSerializer.Deserialize<SweepManifest>(File.ReadAllText(path), Json);
            return manifest?.Format == CurrentFormat
                ? manifest
                : throw new DropoutLabException($"{path} is no sweep of this program: its format is not {CurrentFormat}");
        }
        catch (JsonException exception)
        {
            throw new DropoutLabException($"{path} is not a sweep: {exception.Message.ReplaceLineEndings(" ")}", exception);
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw FileFailure.Reading(path, exception);
        }
    }
}

/// <summary>What a folder holds that a report is about: a sweep, or a single run, which is reported as a sweep of one.</summary>
/// <param name="Plan">Its runs.</param>
/// <param name="FileName">The file that says which they are.</param>
/// <param name="FolderOf">Where a run lies.</param>
internal sealed record ReportedFolder(SweepPlan Plan, string FileName, Func<SweepRun, string> FolderOf)
{
    /// <exception cref="DropoutLabException">It holds neither, or a damaged one.</exception>
    public static ReportedFolder Read(string folder)
    {
        if (SweepManifest.Exists(folder) || !TrainingRun.Exists(folder))
            return new(SweepManifest.Read(folder).Plan, SweepManifest.FileName, run => SweepFolder.RunFolder(folder, run.Name));
        RunConfiguration configuration = RunConfiguration.Read(folder);
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        SweepCell cell = new($"{configuration.Dropout}", new Dictionary<string, string>(), configuration);
        return new(new SweepPlan(name, [cell], [configuration.Seed]), RunConfiguration.FileName, _ => folder);
    }
}
