using DropoutLab.Experiments;

namespace DropoutLab.Cli.Display;

/// <summary>How far a sweep is, and how long the rest will take.</summary>
internal sealed class SweepProgress
{
    private readonly Lock gate = new();
    private readonly SweepExecution execution;
    private readonly SweepPace pace = new();
    private readonly int jobs;
    private int finished;
    private int failed;

    /// <param name="plan">All runs.</param>
    /// <param name="before">What is on the disk at the start.</param>
    /// <param name="execution">What runs the rest.</param>
    /// <param name="jobs">Runs side by side.</param>
    public SweepProgress(SweepPlan plan, SweepSummary before, SweepExecution execution, int jobs)
    {
        (Name, Total, this.execution, this.jobs) = (plan.Name, before.Runs.Count, execution, jobs);
        finished = Total - execution.Waiting.Count;
        foreach (RunRecord record in before.Runs)
            pace.Add(record);
    }

    public string Name { get; }

    public int Total { get; }

    public int Finished => Volatile.Read(ref finished);

    public int Failed => Volatile.Read(ref failed);

    public IReadOnlyList<RunActivity> Active => execution.Active;

    /// <summary>The part of all runs that is done, in [0, 1].</summary>
    public double Part => Math.Min(1, (Finished + Failed + execution.Active.Sum(run => run.Progress)) / Total);

    public void Take(RunOutcome outcome)
    {
        lock (gate)
        {
            if (outcome.Reason is not null)
                failed++;
            else
                finished++;
            pace.Add(outcome.Record);
        }
    }

    /// <summary>By what finished runs took and what those under way report; null while nothing is known.</summary>
    public TimeSpan? TimeLeft()
    {
        IReadOnlyList<RunActivity> active = execution.Active;
        double[] projected = [.. active.Where(run => run.Progress is > 0 and < 1 && run.Latest?.SecondsLeft is not null)
            .Select(run => run.Latest!.SecondsLeft!.Value / (1 - run.Progress))];
        lock (gate)
        {
            double? Expected(SweepRun run) => pace.SecondsOf(run.Cell) ?? (projected.Length > 0 ? projected.Average() : null);
            double?[] busy = [.. active.Select(run => run.Latest?.SecondsLeft ?? Expected(run.Run) * (1 - run.Progress))];
            double?[] waiting = [.. execution.Waiting.Select(Expected)];
            if (busy.Concat(waiting).Any(seconds => seconds is null))
                return null;
            IEnumerable<double> free = Enumerable.Repeat(0.0, Math.Max(0, jobs - busy.Length));
            return TimeSpan.FromSeconds(SweepPace.Makespan(busy.Select(seconds => seconds!.Value).Concat(free),
                waiting.Select(seconds => seconds!.Value)));
        }
    }
}
