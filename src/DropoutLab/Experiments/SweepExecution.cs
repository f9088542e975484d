using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace DropoutLab.Experiments;

/// <summary>
/// Runs what a sweep lacks, several processes side by side. A run that fails is recorded, and the others go on.
/// </summary>
/// <param name="folder">The sweep.</param>
/// <param name="command">The process that trains a run in a folder, and stops when its standard input ends.</param>
/// <param name="jobs">Processes at the same time, one or more.</param>
public sealed class SweepExecution(SweepFolder folder, Func<SweepRun, string, ProcessStartInfo> command, int jobs)
{
    private readonly int jobs = jobs > 0
        ? jobs
        : throw new ArgumentOutOfRangeException(nameof(jobs), jobs, "a sweep needs a process at least");
    private readonly ConcurrentQueue<SweepRun> waiting = new(folder.Unfinished());
    private readonly ConcurrentDictionary<string, RunActivity> active = new();
    private readonly RunExecution execution = new(folder.Root, command);

    /// <summary>What is not begun by this start yet.</summary>
    public IReadOnlyList<SweepRun> Waiting => [.. waiting];

    /// <summary>What is under way, the longest first.</summary>
    public IReadOnlyList<RunActivity> Active => [.. active.Values.OrderByDescending(activity => activity.Elapsed)];

    /// <summary>Runs everything to its end.</summary>
    /// <param name="ended">Told of each run, from other threads, one at a time.</param>
    /// <param name="cancellation">Stops every run between two steps; the next start goes on with them.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; no process is left.</exception>
    /// <remarks>What <paramref name="ended"/> throws is thrown in the end; it is told no more, and the runs go on.</remarks>
    public async Task RunAsync(Action<RunOutcome> ended, CancellationToken cancellation = default)
    {
        Lock oneAtATime = new();
        ExceptionDispatchInfo? deaf = null;
        void Tell(RunOutcome outcome)
        {
            lock (oneAtATime)
            {
                try
                {
                    if (deaf is null)
                        ended(outcome);
                }
                catch (Exception exception)
                {
                    deaf = ExceptionDispatchInfo.Capture(exception);
                }
            }
        }

        await Task.WhenAll(Enumerable.Range(0, jobs)
            .Select(_ => Task.Run(() => WorkAsync(Tell, cancellation), CancellationToken.None))).ConfigureAwait(false);
        deaf?.Throw();
    }

    private async Task WorkAsync(Action<RunOutcome> ended, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!waiting.TryDequeue(out SweepRun? run))
                return;
            ended(await RunAsync(run, cancellation).ConfigureAwait(false));
        }
    }

    private async Task<RunOutcome> RunAsync(SweepRun run, CancellationToken cancellation)
    {
        RunActivity activity = new(run);
        active[run.Name] = activity;
        try
        {
            return await execution.RunAsync(activity, cancellation).ConfigureAwait(false);
        }
        finally
        {
            active.TryRemove(run.Name, out _);
        }
    }
}

/// <summary>Trains a run of a sweep in a process of its own, and writes down why it failed if it did.</summary>
/// <param name="root">The sweep's folder.</param>
/// <param name="command">As for <see cref="SweepExecution"/>.</param>
internal sealed class RunExecution(string root, Func<SweepRun, string, ProcessStartInfo> command)
{
    /// <exception cref="OperationCanceledException">It was cancelled; no process is left.</exception>
    public async Task<RunOutcome> RunAsync(RunActivity activity, CancellationToken cancellation)
    {
        string runFolder = SweepFolder.RunFolder(root, activity.Run.Name);
        RunFailure? failure = await TrainAsync(activity, runFolder, cancellation).ConfigureAwait(false);
        RunRecord record = RunRecord.Read(activity.Run, runFolder);
        // A process may be killed behind its last work.
        if (failure is null || SweepFolder.IsWhole(record))
            return new RunOutcome(record, null, activity.Elapsed, activity.Latest?.Collapse);
        string reason = Recorded(failure with { Epochs = record.Epochs.Count }, runFolder);
        return new RunOutcome(RunRecord.Read(activity.Run, runFolder), reason, activity.Elapsed, activity.Latest?.Collapse);
    }

    /// <summary>Writes the reason down, where that is possible; the others go on either way.</summary>
    private static string Recorded(RunFailure failure, string runFolder)
    {
        try
        {
            failure.Write(runFolder);
            return failure.Reason;
        }
        catch (DropoutLabException exception)
        {
            return $"{failure.Reason}; {exception.Message}";
        }
    }

    private async Task<RunFailure?> TrainAsync(RunActivity activity, string runFolder, CancellationToken cancellation)
    {
        try
        {
            SweepFolder.Prepare(root, activity.Run);
            if (RunRecord.Read(activity.Run, runFolder) is { State: RunState.Failed, Reason: { } damage })
                return new RunFailure(damage, 2);
            return await new RunProcess(command(activity.Run, runFolder), activity.Take).RunAsync(cancellation)
                .ConfigureAwait(false);
        }
        catch (DropoutLabException exception)
        {
            return new RunFailure(exception.Message, 2);
        }
        catch (Exception exception) when (exception is Win32Exception or IOException)
        {
            return new RunFailure($"its process cannot be started: {exception.Message.ReplaceLineEndings(" ")}", 2);
        }
    }
}

/// <summary>How a run of this start ended.</summary>
/// <param name="Record">What is on the disk.</param>
/// <param name="Reason">What went wrong, or null.</param>
/// <param name="Elapsed">Since its process was started.</param>
/// <param name="Collapse">What <see cref="RunReport.Collapse"/> last was.</param>
public sealed record RunOutcome(RunRecord Record, string? Reason, TimeSpan Elapsed, string? Collapse = null);
