using DropoutLab.Storage;
using DropoutLab.Training;

namespace DropoutLab.Experiments;

/// <summary>What is on the disk of a run.</summary>
/// <param name="Run">The run.</param>
/// <param name="Folder">Where it is, or will be.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Configuration">Its config.json, which says what it computed on; null where there is none yet.</param>
/// <param name="Epochs">Every complete epoch so far.</param>
/// <param name="Reason">Why it failed; null unless it did.</param>
public sealed record RunRecord(
    SweepRun Run, string Folder, RunState State, RunConfiguration? Configuration, IReadOnlyList<EpochMetrics> Epochs, string? Reason)
{
    /// <summary>The last complete epoch, or null.</summary>
    public EpochMetrics? Last => Epochs.Count > 0 ? Epochs[^1] : null;

    /// <summary>Reads a run's folder. What another process writes, moves or deletes meanwhile is taken as not there.</summary>
    /// <param name="run">The run.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="sweepIsAtWork">Whether a process works on the sweep now.</param>
    internal static RunRecord Read(SweepRun run, string folder, bool sweepIsAtWork)
    {
        (RunConfiguration? configuration, IReadOnlyList<EpochMetrics> epochs) = Content(folder);
        // A folder of this name may be another cell's, which a sweep that goes on will move.
        if (configuration is not null && ConfigurationKey.Difference(run.Configuration, configuration) is not null)
            (configuration, epochs) = (null, []);
        RunFailure? failure = RunFailure.Read(folder);
        // Failure first: behind the last epoch a run may still fail, at its last checkpoint.
        RunState state = failure is not null ? RunState.Failed
            : epochs.Count >= run.Cell.Configuration.Epochs ? RunState.Finished
            : sweepIsAtWork && File.Exists(Path.Combine(folder, FolderLock.FileName)) ? RunState.Running
            : configuration is not null ? RunState.Interrupted
            : RunState.Waiting;
        return new RunRecord(run, folder, state, configuration, epochs, state == RunState.Failed ? failure?.Reason : null);
    }

    private static (RunConfiguration? Configuration, IReadOnlyList<EpochMetrics> Epochs) Content(string folder)
    {
        if (!TrainingRun.Exists(folder))
            return (null, []);
        try
        {
            RunConfiguration configuration = RunConfiguration.Read(folder);
            return (configuration, MetricsFile.ReadOf(configuration, folder));
        }
        catch (DropoutLabException)
        {
            return (null, []);
        }
    }
}
