using DropoutLab.Storage;

namespace DropoutLab.Experiments;

/// <summary>Reads a sweep's folder again and again: what has not changed since the last time is not read again.</summary>
/// <param name="folder">The sweep's.</param>
/// <remarks>Not for several threads at once.</remarks>
public sealed class SweepReader(string folder)
{
    private readonly FileInfo manifest = new(Path.Combine(folder, SweepManifest.FileName));
    private FileStamp manifestStamp;
    private SweepPlan? plan;
    private RunReader[] runs = [];
    private SweepSummary? summary;

    /// <summary>What <see cref="SweepSummary.Read"/> returns; the same object as the last time if nothing has changed.</summary>
    /// <exception cref="DropoutLabException">It is no sweep's folder, or is gone.</exception>
    public SweepSummary Read()
    {
        bool isNew = ReadPlan();
        bool isAtWork = FolderLock.IsTaken(folder);
        RunReader[] stale = [.. runs.Where(run => run.IsStale())];
        Parallel.ForEach(stale, run => run.Read());
        if (isNew || summary!.IsAtWork != isAtWork || Array.Exists(stale, run => run.HasChanged))
            summary = SweepSummary.Of(plan!, isAtWork, [.. runs.Select(run => run.Record!)]);
        return summary;
    }

    private bool ReadPlan()
    {
        FileStamp stamp = FileStamp.Of(manifest);
        if (summary is not null && stamp == manifestStamp)
            return false;
        plan = SweepManifest.Read(folder).Plan;
        manifestStamp = stamp;
        runs = [.. plan.Runs.Select(run => new RunReader(run, SweepFolder.RunFolder(folder, run.Name)))];
        return true;
    }
}
