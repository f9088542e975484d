namespace DropoutLab.Cli.Commands;

/// <summary>How many runs at a time, on how many threads each.</summary>
/// <param name="Jobs">Runs at a time.</param>
/// <param name="Threads">Of each run.</param>
internal sealed record SideBySide(int Jobs, int Threads)
{
    /// <summary>
    /// A run a processor on one thread: training on one thread loses nothing to waiting for others, so as many runs as processors
    /// finish a sweep first. Fewer runs than processors share them. The threads follow from the number of all runs, not of those
    /// that are left, for a result depends on them by rounding.
    /// </summary>
    /// <param name="processors">Of the machine.</param>
    /// <param name="runs">Of the whole sweep.</param>
    /// <param name="jobs">What the user asked for, or null.</param>
    /// <param name="threads">What the user asked for or the sweep was begun with, or null.</param>
    public static SideBySide Choose(int processors, int runs, int? jobs, int? threads)
    {
        int chosenThreads = threads ?? Math.Max(1, processors / Math.Max(1, Math.Min(jobs ?? processors, runs)));
        return new SideBySide(jobs ?? Math.Max(1, processors / chosenThreads), chosenThreads);
    }
}
