using DropoutLab.Runs;

namespace DropoutLab.Experiments;

/// <summary>Reads a run of a sweep again where its files have changed.</summary>
/// <param name="run">The run.</param>
/// <param name="folder">Its folder, there or not.</param>
internal sealed class RunReader(SweepRun run, string folder)
{
    private readonly FileInfo folderEntry = new(folder), metricsEntry = new(Path.Combine(folder, MetricsFile.FileName));
    private (FileStamp Folder, FileStamp Metrics) read, seen;

    /// <summary>As it was read last; null before the first reading.</summary>
    public RunRecord? Record { get; private set; }

    /// <summary>Whether the last reading found something new.</summary>
    public bool HasChanged { get; private set; }

    /// <summary>
    /// Whether something may have changed. All of a run's files but its metrics are made aside and renamed, which the folder's
    /// stamp shows. That the process of a run at work has been killed shows in no stamp.
    /// </summary>
    public bool IsStale()
    {
        FileStamp folderStamp = FileStamp.OfOrRefused(folderEntry);
        seen = (folderStamp, folderStamp.Length < 0 ? folderStamp : FileStamp.OfOrRefused(metricsEntry));
        return Record is null or { State: RunState.Running } || seen != read || !seen.Folder.IsSettled || !seen.Metrics.IsSettled;
    }

    public void Read()
    {
        RunRecord record = RunRecord.Read(run, folder);
        HasChanged = Record is null || !IsSame(Record, record);
        if (HasChanged)
            Record = record;
        read = seen;
    }

    private static bool IsSame(RunRecord before, RunRecord now) =>
        before.State == now.State && before.Reason == now.Reason
        && before.Configuration is null == now.Configuration is null && before.Epochs.SequenceEqual(now.Epochs);
}
