using DropoutLab.Runs;
using DropoutLab.Storage;

namespace DropoutLab.Experiments;

/// <summary>
/// A sweep on the disk: sweep.yaml (the file as it was given), sweep.json (every cell, and the seeds), runs/NAME (as train makes
/// them), and in the end summary.json and summary.md.
/// </summary>
public sealed class SweepFolder : IDisposable
{
    /// <summary>The copy of the sweep's file.</summary>
    public const string FileCopyName = "sweep.yaml";

    private const string RunsName = "runs";
    private const string Moving = ".moving";

    /// <summary>A run's process ends within this time of its sweep's, however that ended.</summary>
    private static readonly TimeSpan PatienceWithRuns = TimeSpan.FromSeconds(10);

    /// <summary>Who reads the folder may keep it for a moment.</summary>
    private static readonly TimeSpan PatienceWithReaders = TimeSpan.FromSeconds(1);

    private readonly FileStream folderLock;

    private SweepFolder(string root, SweepPlan plan, FileStream folderLock)
    {
        Root = root;
        Plan = plan;
        this.folderLock = folderLock;
    }

    /// <summary>The folder's path.</summary>
    public string Root { get; }

    /// <summary>The sweep that lies there.</summary>
    public SweepPlan Plan { get; }

    /// <summary>Where a run lies.</summary>
    public static string RunFolder(string root, string runName) => Path.Combine(root, RunsName, runName);

    /// <summary>
    /// What the sweep in a folder was begun with, to go on with where another machine would choose otherwise: the threads of a
    /// run, and a run whose backend and precision all have, if they are the same in all. Null where there is no sweep.
    /// </summary>
    public static (int Threads, RunConfiguration? Compute)? Begun(string root)
    {
        if (!SweepManifest.Exists(root))
            return null;
        SweepManifest manifest = SweepManifest.Read(root);
        RunConfiguration[] kinds =
            [.. manifest.Cells.Select(cell => cell.Configuration).DistinctBy(cell => (cell.Backend, cell.Precision))];
        return (manifest.Threads, kinds is [var only] ? only : null);
    }

    /// <summary>A run of the sweep in a folder, by its name.</summary>
    /// <exception cref="DropoutLabException">There is no sweep, or no such run in it.</exception>
    internal static SweepRun Find(string root, string runName) =>
        SweepManifest.Read(root).Plan.Runs.FirstOrDefault(run => run.Name == runName)
        ?? throw new DropoutLabException($"the sweep in {root} has no run {runName}: its file has changed");

    /// <summary>What a folder holds of every run of a plan, also where it would be renamed first.</summary>
    public static IReadOnlyList<RunRecord> Found(string root, SweepPlan plan)
    {
        Dictionary<string, string> elsewhere = UnderOtherNames(root, plan, Configurations(root));
        HashSet<string> othersRuns = [.. elsewhere.Values];
        return [.. plan.Runs.Select(run => RunRecord.Read(run, FolderOf(run)))];

        string FolderOf(SweepRun run)
        {
            string own = RunFolder(root, run.Name);
            return elsewhere.GetValueOrDefault(run.Name, othersRuns.Contains(own) ? own + Moving : own);
        }
    }

    /// <summary>Begins a sweep in a folder, or goes on with the one in it, which the plan may add cells and seeds to.</summary>
    /// <param name="root">Made if it is not there.</param>
    /// <param name="plan">Every run that is wanted.</param>
    /// <param name="yaml">The sweep's file.</param>
    /// <param name="threads">Of each run.</param>
    /// <exception cref="DropoutLabException">
    /// The folder is in use or cannot be written, or it holds runs that the plan lacks or has with other settings or data.
    /// </exception>
    public static SweepFolder Open(string root, SweepPlan plan, string yaml, int threads)
    {
        FileStream folderLock = FolderLock.Take(root, PatienceWithReaders);
        try
        {
            AtomicFile.DeleteLeftovers(root);
            Dictionary<string, RunConfiguration> there = Configurations(root);
            Dictionary<string, string> elsewhere = UnderOtherNames(root, plan, there);
            Check(root, plan, there, elsewhere);
            Adopt(root, elsewhere);
            ForgetDeadLocks(root, plan);
            AtomicFile.WriteText(Path.Combine(root, FileCopyName), yaml);
            SweepManifest.Of(plan, threads).Write(root);
            return new SweepFolder(root, plan, folderLock);
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Says what a plan would do to a folder's runs, if anything is against it.</summary>
    /// <exception cref="DropoutLabException">As for <see cref="Open"/>.</exception>
    public static void Check(string root, SweepPlan plan)
    {
        Dictionary<string, RunConfiguration> there = Configurations(root);
        Check(root, plan, there, UnderOtherNames(root, plan, there));
    }

    /// <summary>
    /// Whether nothing of a run is left to do: it has finished, and its last checkpoint is there or was taken away.
    /// </summary>
    public static bool IsWhole(RunRecord run) => run.State == RunState.Finished && run.HasLastWork();

    /// <summary>The runs that are not on the disk whole, those begun first.</summary>
    public IReadOnlyList<SweepRun> Unfinished()
    {
        List<SweepRun> begun = [], waiting = [];
        foreach (SweepRun run in Plan.Runs)
        {
            string folder = RunFolder(Root, run.Name);
            if (!TrainingRun.Exists(folder))
                waiting.Add(run);
            else if (!IsWhole(RunRecord.Read(run, folder)))
                begun.Add(run);
        }

        return [.. begun, .. waiting];
    }

    /// <summary>Waits until no process works on a run any more, and forgets that it failed.</summary>
    /// <exception cref="DropoutLabException">The run is in use.</exception>
    internal static void Prepare(string root, SweepRun run)
    {
        string folder = RunFolder(root, run.Name);
        if (Directory.Exists(folder))
            Free(folder);
    }

    /// <summary>Lets another process work on the folder.</summary>
    public void Dispose() => folderLock.Dispose();

    private static void Check(
        string root, SweepPlan plan, Dictionary<string, RunConfiguration> there, Dictionary<string, string> elsewhere)
    {
        if (SweepManifest.Exists(root))
            CheckNothingIsLost(root, SweepManifest.Read(root).Plan, plan, there);
        foreach (SweepRun run in plan.Runs)
        {
            string folder = RunFolder(root, run.Name);
            if (there.TryGetValue(folder, out RunConfiguration? other) && !elsewhere.ContainsValue(folder)
                && ConfigurationKey.Difference(run.Configuration, other) is var (name, mine, theirs))
            {
                throw new DropoutLabException(
                    $"{folder} holds a run with {name} {theirs}, not {mine}: move it away, or choose another folder");
            }

            CheckData(run, elsewhere.GetValueOrDefault(run.Name, folder), there);
        }
    }

    /// <summary>Seeds that were trained or evaluated on other data make no statistics together.</summary>
    private static void CheckData(SweepRun run, string folder, Dictionary<string, RunConfiguration> there)
    {
        if (run.Configuration is { Data: { } atHand } mine && there.GetValueOrDefault(folder) is { Data: { } before } other
            && ConfigurationKey.Difference(mine, other) is null)
        {
            before.Require($"{folder} holds a run", mine.Dataset, atHand);
        }
    }

    private static void CheckNothingIsLost(
        string root, SweepPlan before, SweepPlan plan, Dictionary<string, RunConfiguration> there)
    {
        Dictionary<string, SweepRun> byName = plan.Runs.ToDictionary(run => run.Name);
        RunKeys keys = new();
        HashSet<string> kept = [.. plan.Runs.Select(run => keys.Of(run.Configuration))];
        foreach (SweepRun run in before.Runs.Where(run => !kept.Contains(keys.Of(run.Configuration)) && Holds(run)))
        {
            throw new DropoutLabException(byName.TryGetValue(run.Name, out SweepRun? now)
                && ConfigurationKey.Difference(now.Configuration, run.Configuration) is var (name, mine, theirs)
                ? $"the file has changed: {run.Name} has {name} {mine}, in {root} it has {theirs}; change it back, or choose "
                    + "another folder"
                : $"the file has changed: {run.Name} (dropout {run.Configuration.Dropout}, seed {run.Seed}) is gone, but {root} "
                    + "has it; put it back, or choose another folder");
        }

        bool Holds(SweepRun run) =>
            there.TryGetValue(RunFolder(root, run.Name), out RunConfiguration? other)
            && ConfigurationKey.Difference(run.Configuration, other) is null;
    }

    private static void Adopt(string root, Dictionary<string, string> elsewhere)
    {
        string runs = Path.Combine(root, RunsName);
        FileFailure.WhileWriting(runs, () => Directory.CreateDirectory(runs));
        // A name that one takes may be another's that has not gone yet. What an earlier start has left half-way is found by its
        // settings.
        foreach ((string name, string folder) in elsewhere)
            Move(folder, RunFolder(root, name + Moving));
        foreach (string name in elsewhere.Keys)
            Move(RunFolder(root, name + Moving), RunFolder(root, name));
    }

    /// <summary>
    /// What every folder with a run says of it; one that is damaged fails when it is its turn, and the others go on.
    /// </summary>
    private static Dictionary<string, RunConfiguration> Configurations(string root)
    {
        Dictionary<string, RunConfiguration> found = [];
        foreach (string folder in FoldersOf(Path.Combine(root, RunsName)).Where(TrainingRun.Exists))
        {
            try
            {
                found.Add(folder, RunConfiguration.Read(folder));
            }
            catch (DropoutLabException)
            {
                // RunRecord says what is wrong with it.
            }
        }

        return found;
    }

    private static string[] FoldersOf(string runs)
    {
        try
        {
            return Directory.Exists(runs) ? Directory.GetDirectories(runs) : [];
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw FileFailure.Reading(runs, exception);
        }
    }

    /// <summary>
    /// The folders of runs that are copied in, or named before cells were added, by the names that the plan has for them.
    /// </summary>
    private static Dictionary<string, string> UnderOtherNames(
        string root, SweepPlan plan, Dictionary<string, RunConfiguration> there)
    {
        Dictionary<string, string> found = [];
        RunKeys keys = new();
        Dictionary<string, string> nameOf = plan.Runs.ToDictionary(run => keys.Of(run.Configuration), run => run.Name);
        Dictionary<string, string> keyOf = there.ToDictionary(pair => pair.Key, pair => keys.Of(pair.Value));
        foreach ((string folder, string key) in keyOf)
        {
            if (nameOf.TryGetValue(key, out string? name) && name != Path.GetFileName(folder)
                && IsFree(RunFolder(root, name), key))
                found.TryAdd(name, folder);
        }

        return found;

        // Neither the run itself is there, nor one that is damaged.
        bool IsFree(string folder, string key) =>
            keyOf.TryGetValue(folder, out string? other) ? other != key : !TrainingRun.Exists(folder);
    }

    /// <summary>
    /// A process that was killed leaves its lock; that the next one makes its own is what readers of the folder see.
    /// </summary>
    private static void ForgetDeadLocks(string root, SweepPlan plan)
    {
        foreach (string folder in plan.Runs.Select(run => RunFolder(root, run.Name)))
        {
            if (File.Exists(Path.Combine(folder, FolderLock.FileName)) && !FolderLock.IsTaken(folder))
                FolderLock.Take(folder, PatienceWithReaders).Dispose();
        }
    }

    private static void Move(string from, string to)
    {
        if (from == to)
            return;
        Free(from);
        FileFailure.WhileWriting(to, () =>
        {
            if (Directory.Exists(to))
            {
                Free(to);
                Directory.Delete(to); // A run that failed before it began.
            }

            Directory.Move(from, to);
        });
    }

    /// <summary>Waits until no process works on a run any more, and forgets that it failed.</summary>
    private static void Free(string folder)
    {
        using FileStream runLock = FolderLock.Take(folder, PatienceWithRuns);
        RunFailure.Forget(folder);
    }
}
