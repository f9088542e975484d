using DropoutLab.Experiments;
using DropoutLab.Experiments.Slurm;

namespace DropoutLab.Dashboard.Live;

/// <summary>
/// What Slurm says of a sweep, asked as often as its controller likes to be asked, and beside the page: nobody waits for it.
/// </summary>
/// <param name="ask">Asks Slurm.</param>
/// <param name="clock">What time it is.</param>
internal sealed class SlurmWatch(Func<SweepSummary, CancellationToken, Task<SlurmTasks>> ask, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10), LongestAnswer = TimeSpan.FromSeconds(30);

    private Task<SlurmTasks>? question;
    private long? asked;
    private SlurmTasks tasks = SlurmTasks.None;
    private string? refusal;
    private SweepSummary? last;
    private SweepSummary? lastTogether;

    /// <summary>A summary with what Slurm said last; the same object for the same summary while Slurm says nothing new.</summary>
    /// <remarks>Not for several threads at once.</remarks>
    public SweepSummary On(SweepSummary summary)
    {
        bool isNew = Listen();
        if (question is null && (asked is null || clock.GetElapsedTime(asked.Value) > Interval))
        {
            asked = clock.GetTimestamp();
            question = Task.Run(() => AskAsync(summary));
        }

        if (isNew || summary != last || lastTogether is null)
        {
            SweepSummary together = tasks.On(summary);
            lastTogether = refusal is null ? together : together with { Queue = $"Slurm does not answer: {refusal}" };
            last = summary;
        }

        return lastTogether;
    }

    private async Task<SlurmTasks> AskAsync(SweepSummary summary)
    {
        using CancellationTokenSource patience = new(LongestAnswer);
        return await ask(summary, patience.Token);
    }

    /// <summary>Takes an answer that has come, and says whether it is another than the last.</summary>
    private bool Listen()
    {
        if (question is not { IsCompleted: true } answered)
            return false;
        question = null;
        (SlurmTasks tasksBefore, string? refusalBefore) = (tasks, refusal);
        if (answered.IsCompletedSuccessfully)
            (tasks, refusal) = (answered.Result, null);
        else
            refusal = answered.Exception?.InnerException?.Message ?? $"not within {LongestAnswer.TotalSeconds:f0} seconds";
        return !tasks.SameAs(tasksBefore) || refusal != refusalBefore;
    }
}
