using DropoutLab.Cli.Display;
using DropoutLab.Experiments;
using DropoutLab.Experiments.Slurm;

namespace DropoutLab.Cli.Commands;

/// <summary>Hands what a sweep lacks, and Slurm does not have yet, to Slurm.</summary>
/// <param name="console">Where it is said.</param>
/// <param name="sweep">The folder.</param>
/// <param name="tasks">What Slurm has of it.</param>
/// <param name="request">What each task gets.</param>
/// <param name="line">The shell's line that trains a run.</param>
internal sealed class SweepSubmission(
    CommandConsole console, SweepFolder sweep, SlurmTasks tasks, SlurmRequest request, string line)
{
    private readonly string[] unfinished = [.. sweep.Unfinished().Select(run => run.Name)];

    /// <summary>Whether every run is finished.</summary>
    public bool IsOver => unfinished.Length == 0;

    private string[] Missing => [.. unfinished.Where(run => !tasks.HasLive(run))];

    /// <summary>Submits what is missing, as one array where this cluster's arrays are long enough.</summary>
    /// <param name="next">What to type when all tasks have ended.</param>
    public async Task<int> SubmitAsync(string next)
    {
        int total = sweep.Plan.Runs.Count(), longest = await SlurmArray.LongestAsync(console.Cancellation);
        string[] missing = Missing;
        string[][] arrays = [.. missing.Chunk(longest)];
        if (arrays.Length > 1)
            console.Note(
                $"{Quantity.Text(missing.Length, "run")} become {arrays.Length} arrays: this cluster's have {longest} tasks "
                    + "at most (MaxArraySize)");
        List<string> jobs = [];
        foreach (string[] runs in arrays)
            jobs.Add(await Array(runs).SubmitAsync(console.Cancellation));
        string submitted = jobs.Count == 0
            ? "nothing to submit"
            : $"{Quantity.Text(missing.Length, "run")} submitted as job {string.Join(" and ", jobs)}";
        string queued = tasks.Live.Count == 0
            ? ""
            : $"; {Quantity.Text(tasks.Live.Count, "run")} in Slurm's queue: {tasks.Words()}";
        console.Output.WriteLine(
            $"{sweep.Plan.Name}: {total - unfinished.Length} of {Quantity.Text(total, "run")} finished{queued}; {submitted}; "
                + sweep.Root);
        console.Output.WriteLine($"when all have ended, the summary comes of: {next}");
        return ExitCode.Success;
    }

    /// <summary>Writes the array's script, and what it needs in the sweep's folder.</summary>
    public async Task<int> WriteScriptAsync()
    {
        string[] missing = Missing;
        if (missing.Length == 0)
            return console.Fail("no run is missing: there is nothing to submit", ExitCode.BadInput);
        int longest = await SlurmArray.LongestAsync(console.Cancellation);
        if (missing.Length > longest)
            throw new DropoutLabException(
                $"--slurm-script: {missing.Length} runs are more than the {longest} tasks of an array (MaxArraySize): "
                    + "--slurm submits several arrays; or begin with fewer of the file's seeds");
        SlurmArray array = Array(missing);
        array.MakeLogFolder();
        console.Output.Write(array.Script());
        return ExitCode.Success;
    }

    private SlurmArray Array(string[] runs) => new(sweep.Plan.Name, Path.GetFullPath(sweep.Root), line, request, runs);
}
