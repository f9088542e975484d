using System.Diagnostics;
using System.Globalization;
using DropoutLab.Runs;

namespace DropoutLab.Experiments.Slurm;

/// <summary>A run of a sweep in a task of Slurm, which starts and ends that where and when it likes.</summary>
public static class SlurmRun
{
    /// <summary>Above the warning, and what Slurm may be early with it.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>Trains a run to its end, or as far as the task's time goes.</summary>
    /// <param name="root">The sweep's folder.</param>
    /// <param name="name">The run's.</param>
    /// <param name="command">As for <see cref="SweepExecution"/>.</param>
    /// <param name="cancellation">Stops it between two steps.</param>
    /// <exception cref="OperationCanceledException">
    /// It was cancelled. Its task is queued again, unless it was Slurm that ended it.
    /// </exception>
    /// <exception cref="DropoutLabException">There is no such run, or Slurm does not queue it again.</exception>
    public static async Task<RunOutcome> RunAsync(
        string root, string name, Func<SweepRun, string, ProcessStartInfo> command, CancellationToken cancellation)
    {
        SweepRun run = SweepFolder.Find(root, name);
        string folder = SweepFolder.RunFolder(root, name);
        RunRecord before = RunRecord.Read(run, folder);
        if (SweepFolder.IsWhole(before))
            return new RunOutcome(before, null, TimeSpan.Zero);
        try
        {
            return await new RunExecution(root, command).RunAsync(new RunActivity(run), cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            RunRecord after = RunRecord.Read(run, folder);
            await GoOnLaterAsync(after, after.Epochs.Count > before.Epochs.Count).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// When a task's time ends, by squeue; null where Slurm itself ends it now. Whom Slurm only warns, of its time's end or of a
    /// preemption, has to ask for its requeueing: what ends by itself has ended for good. Where Slurm ends a task it has decided
    /// already, and to requeue one that a user cancelled would undo that.
    /// </summary>
    internal static string? EndIfOnlyWarned(string answer) =>
        answer.Trim().Split('|') is [SlurmTask.Running, var end] ? end : null;

    private static async Task GoOnLaterAsync(RunRecord run, bool hasGotFurther)
    {
        if (Environment.GetEnvironmentVariable("SLURM_ARRAY_JOB_ID") is not { Length: > 0 } job
            || Environment.GetEnvironmentVariable("SLURM_ARRAY_TASK_ID") is not { Length: > 0 } index)
        {
            return;
        }

        string id = $"{job}_{index}";
        string answer = await SlurmCommand.RunAsync(
            "squeue", ["--noheader", "--array", "--format=%T|%e", $"--jobs={id}"], CancellationToken.None).ConfigureAwait(false);
        if (EndIfOnlyWarned(answer) is not { } end)
            return;
        if (!hasGotFurther && IsNear(end))
        {
            // Queued again it would come as far as this time.
            RunFailure failure = new(
                "the time of its task was over before an epoch was; the next start may give it more", 130, run.Epochs.Count);
            failure.Write(run.Folder);
            throw new DropoutLabException(failure.Reason);
        }

        await SlurmCommand.RunAsync("scontrol", ["requeue", id], CancellationToken.None).ConfigureAwait(false);
    }

    private static bool IsNear(string end) =>
        DateTime.TryParse(end, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out DateTime time)
        && time - DateTime.Now < Limit;
}
