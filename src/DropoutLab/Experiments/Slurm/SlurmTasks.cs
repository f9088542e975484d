namespace DropoutLab.Experiments.Slurm;

/// <summary>What Slurm says of a sweep's runs, of those that are not finished.</summary>
public sealed class SlurmTasks
{
    private readonly IReadOnlyDictionary<string, SlurmTask> byRun;

    internal SlurmTasks(IReadOnlyDictionary<string, SlurmTask> byRun) => this.byRun = byRun;

    /// <summary>Of a sweep of which nothing was submitted.</summary>
    public static SlurmTasks None { get; } = new(new Dictionary<string, SlurmTask>());

    /// <summary>What waits, runs or is just ending.</summary>
    public IReadOnlyList<SlurmTask> Live => [.. byRun.Values.Where(task => task.IsLive)];

    /// <summary>Asks Slurm, if a run that was submitted is not finished.</summary>
    /// <param name="root">The sweep's folder.</param>
    /// <param name="summary">What is in it.</param>
    /// <param name="cancellation">Ends the asking.</param>
    /// <exception cref="DropoutLabException">Slurm does not answer, or the list of what was submitted cannot be read.</exception>
    public static async Task<SlurmTasks> AskAsync(string root, SweepSummary summary, CancellationToken cancellation)
    {
        SlurmJobs jobs = SlurmJobs.Read(root);
        if (jobs.Jobs.Count == 0)
            return None;
        Dictionary<string, string> runOf = jobs.RunsByTask(
            summary.Runs.Where(run => !SweepFolder.IsWhole(run)).Select(run => run.Run.Name).ToHashSet());
        if (runOf.Count == 0)
            return None;
        string ids = string.Join(',', runOf.Keys.Select(id => id.Split('_')[0]).Distinct());
        Dictionary<string, SlurmTask> known = (await QueueAsync(ids, cancellation).ConfigureAwait(false))
            .Where(task => runOf.ContainsKey(task.Id)).ToDictionary(task => runOf[task.Id]);
        if (known.Count < runOf.Count)
        {
            foreach (SlurmTask task in (await AccountsAsync(ids, cancellation).ConfigureAwait(false)).Where(task => !task.IsLive))
            {
                if (runOf.TryGetValue(task.Id, out string? run))
                    known.TryAdd(run, task);
            }
        }

        return new SlurmTasks(known);
    }

    /// <summary>Whether a run's task waits, runs or is just ending.</summary>
    public bool HasLive(string run) => byRun.GetValueOrDefault(run) is { IsLive: true };

    /// <summary>A sweep as its folder and Slurm have it together.</summary>
    public SweepSummary On(SweepSummary summary) => byRun.Count == 0 ? summary : summary with
    {
        Runs = [.. summary.Runs.Select(On)],
        Queue = Live.Count > 0 ? $"Slurm: {Words()}" : null,
    };

    /// <summary>What is live, as in "5 PENDING (Priority), 2 RUNNING; job 42".</summary>
    public string Words()
    {
        IEnumerable<string> states = Live.Select(task => $"{task with { Node = "" }}").CountBy(text => text)
            .OrderBy(state => state.Key, StringComparer.Ordinal).Select(state => $"{state.Value} {state.Key}");
        string[] jobs = [.. Live.Select(task => task.Job).Distinct()];
        return $"{string.Join(", ", states)}; {(jobs.Length == 1 ? "job" : "jobs")} {string.Join(", ", jobs)}";
    }

    /// <summary>Checks that runs whose tasks are live keep their names in a new plan: their tasks know no other.</summary>
    /// <exception cref="DropoutLabException">One has another name, or is gone.</exception>
    public void RequireNames(string root, SweepPlan plan)
    {
        if (Live.Count == 0)
            return;
        RunKeys keys = new();
        Dictionary<string, SweepRun> now = plan.Runs.ToDictionary(run => run.Name);
        foreach (SweepRun run in SweepManifest.Read(root).Plan.Runs.Where(run => HasLive(run.Name)))
        {
            if (!now.TryGetValue(run.Name, out SweepRun? same) || keys.Of(same.Configuration) != keys.Of(run.Configuration))
                throw new DropoutLabException(
                    $"the file has changed: Slurm's task {byRun[run.Name].Id} is {run.Name}, which is now another run's name or "
                        + $"none; change it back, or first end the job: scancel {byRun[run.Name].Job}");
        }
    }

    /// <summary>Whether two answers are the same.</summary>
    public bool SameAs(SlurmTasks other) =>
        byRun.Count == other.byRun.Count && byRun.All(pair => other.byRun.GetValueOrDefault(pair.Key) == pair.Value);

    private RunRecord On(RunRecord run)
    {
        if (run.State == RunState.Finished || !byRun.TryGetValue(run.Run.Name, out SlurmTask? task))
            return run;
        (RunState state, string? reason) = (run.State, run.Reason);
        if (task.State == SlurmTask.Running)
            (state, reason) = (RunState.Running, null);
        else if (task.IsLive && state == RunState.Failed)
            (state, reason) = (run.Configuration is null ? RunState.Waiting : RunState.Interrupted, null);
        else if (task.HasFailed && reason is null && state is not RunState.Running)
            return run with { State = RunState.Failed, Reason = $"Slurm ended its task: {task}" };
        return run with { State = state, Reason = reason, Task = task };
    }

    private static async Task<IEnumerable<SlurmTask>> QueueAsync(string ids, CancellationToken cancellation)
    {
        try
        {
            return Parsed(await SlurmCommand.RunAsync(
                "squeue", ["--noheader", "--array", "--states=all", $"--format={SlurmTask.QueueFormat}", $"--jobs={ids}"],
                cancellation).ConfigureAwait(false), SlurmTask.OfQueue);
        }
        catch (DropoutLabException exception) when (exception.Message.Contains("Invalid job id", StringComparison.Ordinal))
        {
            return []; // It has forgotten them, minutes after their end.
        }
    }

    /// <summary>What the accounts say of ended tasks; many a cluster keeps none.</summary>
    private static async Task<IEnumerable<SlurmTask>> AccountsAsync(string ids, CancellationToken cancellation)
    {
        try
        {
            return Parsed(await SlurmCommand.RunAsync(
                "sacct",
                ["--noheader", "--parsable2", "--allocations", $"--format={SlurmTask.AccountFormat}", $"--jobs={ids}"],
                cancellation).ConfigureAwait(false), SlurmTask.OfAccount);
        }
        catch (DropoutLabException)
        {
            return [];
        }
    }

    private static IEnumerable<SlurmTask> Parsed(string output, Func<string, SlurmTask?> parse) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(parse).OfType<SlurmTask>();
}
