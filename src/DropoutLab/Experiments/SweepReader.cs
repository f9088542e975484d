using DropoutLab.Storage;

namespace DropoutLab.Experiments;

/// <summary>
/// Reads a sweep's folder, or a run's, again and again: what has not changed since the last time is not read again.
/// </summary>
/// <param name="folder">The sweep's, or the run's.</param>
/// <remarks>Not for several threads at once.</remarks>
public sealed class SweepReader(string folder)
{
    private FileInfo? manifest;
    private FileStamp manifestStamp;
    private SweepPlan? plan;
    private RunReader[] runs = [];
    private SweepSummary? summary;

    /// <summary>What <see cref="SweepSummary.Read"/> returns; the same object as the last time if nothing has changed.</summary>
    /// <exception cref="DropoutLabException">It is no such folder, or is gone.</exception>
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
        if (summary is not null && FileStamp.Of(manifest!) == manifestStamp)
            return false;
        ReportedFolder reported = ReportedFolder.Read(folder);
        manifest = new FileInfo(Path.Combine(folder, reported.FileName));
        manifestStamp = FileStamp.Of(manifest);
        plan = reported.Plan;
        runs = [.. plan.Runs.Select(run => new RunReader(run, reported.FolderOf(run)))];
        return true;
    }
}
