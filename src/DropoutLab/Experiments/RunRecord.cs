using DropoutLab.Experiments.Slurm;
using DropoutLab.Runs;
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
    SweepRun Run, string Folder, RunState State, RunConfiguration? Configuration, IReadOnlyList<EpochMetrics> Epochs,
    string? Reason)
{
    /// <summary>Its task in a queue of Slurm, where that was asked; null where it has none, or the reason says it all.</summary>
    public SlurmTask? Task { get; init; }

    /// <summary>The last complete epoch, or null.</summary>
    public EpochMetrics? Last => Epochs.Count > 0 ? Epochs[^1] : null;

    /// <summary>
    /// Whether what the last epoch came to is safe. Its line is written before its checkpoint, so with an older checkpoint it is
    /// not; with lines of several epochs and no checkpoint at all, somebody has taken that away.
    /// </summary>
    internal bool HasLastWork()
    {
        int epochs = Run.Cell.Configuration.Epochs;
        return Epochs.Count >= epochs
            && (Checkpoint.CompletedEpochs(Folder) >= epochs || (epochs > 1 && !File.Exists(Checkpoint.PathIn(Folder))));
    }

    /// <summary>Reads a run's folder. What another process writes, moves or deletes meanwhile is taken as not there.</summary>
    /// <param name="run">The run.</param>
    /// <param name="folder">Its folder.</param>
    internal static RunRecord Read(SweepRun run, string folder)
    {
        (RunConfiguration? configuration, IReadOnlyList<EpochMetrics> epochs, string? damage) = Content(folder);
        RunRecord waiting = new(run, folder, RunState.Waiting, null, [], null);
        // A folder of this name may be another cell's, which a sweep that goes on will move.
        if (configuration is not null && ConfigurationKey.Difference(run.Configuration, configuration) is not null)
            return waiting;
        RunRecord record = waiting with { Configuration = configuration, Epochs = epochs };
        (RunState state, string? reason) = damage is null ? record.Now() : (RunState.Failed, damage);
        return record with { State = state, Reason = reason };
    }

    /// <summary>What the files say now: that a run failed is over once it has got further, or is at work again.</summary>
    private (RunState State, string? Reason) Now()
    {
        int epochs = Run.Cell.Configuration.Epochs;
        RunFailure? failure = RunFailure.Read(Folder);
        // Behind the last epoch a run may still fail, at its last checkpoint.
        bool hasAll = Epochs.Count >= epochs;
        if (failure is not null && (Epochs.Count > failure.Epochs || (hasAll && Checkpoint.CompletedEpochs(Folder) >= epochs)))
            failure = null;
        return failure is null && hasAll ? (RunState.Finished, null)
            : FolderLock.IsTaken(Folder) ? (RunState.Running, null)
            : failure is not null ? (RunState.Failed, failure.Reason)
            : (Configuration is null ? RunState.Waiting : RunState.Interrupted, null);
    }

    private static (RunConfiguration? Configuration, IReadOnlyList<EpochMetrics> Epochs, string? Damage) Content(string folder)
    {
        if (File.Exists(folder))
            return (null, [], $"{folder} is a file, a folder is needed there: move it away");
        FileInfo file = new(Path.Combine(folder, RunConfiguration.FileName));
        RunConfiguration? configuration = null;
        try
        {
            if (!FileStamp.Of(file).IsThere)
                return (null, [], null);
            configuration = RunConfiguration.Read(folder);
            return (configuration, MetricsFile.ReadOf(configuration, folder), null);
        }
        catch (DropoutLabException) when (!FileStamp.OfOrRefused(file).IsThere)
        {
            return (null, [], null);
        }
        catch (DropoutLabException exception)
        {
            return (configuration, [], $"{exception.Message}; put the file back, or move {folder} away to train the run anew");
        }
    }
}

/// <summary>Where a run of a sweep stands.</summary>
public enum RunState
{
    /// <summary>Not begun.</summary>
    Waiting,

    /// <summary>A process works on it.</summary>
    Running,

    /// <summary>Begun, and to be gone on with by the next start.</summary>
    Interrupted,

    /// <summary>Every epoch is on the disk.</summary>
    Finished,

    /// <summary>Ended with an error; the next start tries again.</summary>
    Failed,
}
