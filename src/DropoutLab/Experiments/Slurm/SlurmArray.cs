using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using DropoutLab.Storage;

namespace DropoutLab.Experiments.Slurm;

/// <summary>What a sweep's tasks ask of Slurm.</summary>
/// <param name="Processors">Of each task.</param>
/// <param name="Directory">Where it works: what the sweep's file names by relative paths is found from there.</param>
/// <param name="Partition">Which nodes, by their partition; null for Slurm's own choice.</param>
/// <param name="Time">The longest that a task may take, as Slurm writes it; null for the partition's.</param>
/// <param name="AtOnce">Tasks of an array at the same time, at most; null for as many as there is room for.</param>
public sealed record SlurmRequest(
    int Processors, string Directory, string? Partition = null, string? Time = null, int? AtOnce = null);

/// <summary>Runs of a sweep as one job array of Slurm: task i trains run i of a list that stands in its script.</summary>
/// <param name="sweep">The sweep's name.</param>
/// <param name="root">The sweep's folder, by a path that all nodes have.</param>
/// <param name="command">A line of shell to which a run's name is added, and which trains that run.</param>
/// <param name="request">What each task gets.</param>
/// <param name="runs">The names of the runs.</param>
public sealed partial class SlurmArray(
    string sweep, string root, string command, SlurmRequest request, IReadOnlyList<string> runs)
{
    private const int DefaultLongest = 1001;

    /// <summary>
    /// Slurm ends a task within seconds of its time; a minute before, it asks: time to stop, and to be queued again.
    /// </summary>
    private const int SecondsOfWarning = 60;

    private const string LogFolder = "slurm";

    /// <summary>The number of tasks that an array may have on this cluster; Slurm's default where it does not say.</summary>
    public static async Task<int> LongestAsync(CancellationToken cancellation)
    {
        try
        {
            return LongestIn(
                await SlurmCommand.RunAsync("scontrol", ["show", "config"], cancellation).ConfigureAwait(false));
        }
        catch (DropoutLabException)
        {
            return DefaultLongest; // Who can submit nothing is told so by sbatch.
        }
    }

    internal static int LongestIn(string configuration) =>
        LongestLine().Match(configuration) is { Success: true } line
            ? Math.Max(1, int.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture))
            : DefaultLongest;

    /// <summary>The script, which asks for everything that <see cref="SubmitAsync"/> asks for.</summary>
    public string Script()
    {
        StringBuilder text = new("#!/bin/bash\n");
        foreach (string option in Options())
            text.Append(CultureInfo.InvariantCulture, $"#SBATCH {Quoted(option)}\n");
        text.Append("runs=(\n").AppendJoin('\n', runs).Append("\n)\n");
        // In place of the shell: what Slurm sends to the one is to reach the other.
        return text.Append(CultureInfo.InvariantCulture, $"exec {command} \"${{runs[SLURM_ARRAY_TASK_ID]}}\"\n").ToString();
    }

    /// <summary>Makes the folder that the tasks' logs go to: Slurm makes none, and a task without is lost.</summary>
    /// <exception cref="DropoutLabException">It cannot be made.</exception>
    public void MakeLogFolder()
    {
        string folder = Path.Combine(root, LogFolder);
        FileFailure.WhileWriting(folder, () => Directory.CreateDirectory(folder));
    }

    /// <summary>Submits the array, and writes down in the sweep's folder which task is which run's.</summary>
    /// <returns>The job's number.</returns>
    /// <exception cref="DropoutLabException">Slurm refuses, or the folder cannot be written.</exception>
    public async Task<string> SubmitAsync(CancellationToken cancellation)
    {
        MakeLogFolder();
        // On the command line once more: there they go before the user's own defaults, the variables SBATCH_….
        string said = await SlurmCommand.RunAsync("sbatch", ["--parsable", .. Options()], cancellation, Script())
            .ConfigureAwait(false);
        string id = said.Trim().Split(';')[0]; // behind it the cluster, where there are several
        SlurmJobs.Read(root).With(id, runs).Write(root);
        return id;
    }

    private IEnumerable<string> Options()
    {
        yield return $"--job-name={NotInNames().Replace(sweep, "-")}";
        yield return $"--array=0-{runs.Count - 1}{(request.AtOnce is { } limit ? $"%{limit}" : "")}";
        yield return $"--cpus-per-task={request.Processors}";
        if (request.Partition is { } partition)
            yield return $"--partition={partition}";
        if (request.Time is { } time)
            yield return $"--time={time}";
        yield return $"--chdir={request.Directory}";
        yield return "--requeue";
        yield return $"--signal=B:TERM@{SecondsOfWarning}";
        yield return "--open-mode=append";
        yield return $"--output={Path.Combine(root, LogFolder).Replace("%", "%%", StringComparison.Ordinal)}/%A_%a.log";
    }

    private static string Quoted(string option) => option.Any(letter => letter is ' ' or '"' or '\'' or '\\' or '#')
        ? $"\"{option.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""
        : option;

    [GeneratedRegex(@"^MaxArraySize\s*=\s*(\d+)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex LongestLine();

    [GeneratedRegex(@"[^A-Za-z0-9._-]+", RegexOptions.CultureInvariant)]
    private static partial Regex NotInNames();
}
