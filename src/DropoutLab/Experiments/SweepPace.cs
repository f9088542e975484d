using MathNet.Numerics.Statistics;

namespace DropoutLab.Experiments;

/// <summary>
/// How long runs take, by what similar runs took lately: the machine may have been busier before, or another one.
/// </summary>
public sealed class SweepPace
{
    private const int Lately = 5;

    private readonly List<double> all = [];
    private readonly Dictionary<string, List<double>> secondsByKind = [];
    private readonly Dictionary<SweepCell, string> kinds = [];

    /// <summary>Whether anything is known yet.</summary>
    public bool IsKnown => all.Count > 0;

    /// <summary>Counts a run.</summary>
    /// <param name="cell">What was trained.</param>
    /// <param name="seconds">How long all its epochs took.</param>
    public void Add(SweepCell cell, double seconds)
    {
        string kind = KindOf(cell);
        if (!secondsByKind.TryGetValue(kind, out List<double>? known))
            secondsByKind.Add(kind, known = []);
        known.Add(seconds);
        all.Add(seconds);
    }

    /// <summary>Counts a run on the disk, if it is finished.</summary>
    public void Add(RunRecord record)
    {
        if (record.State == RunState.Finished)
            Add(record.Run.Cell, record.Epochs.Sum(epoch => epoch.Seconds));
    }

    /// <summary>
    /// What a run should take: the median of the last five that differ from it by dropout, its sites and seed alone, else of the
    /// last five; null if there are none.
    /// </summary>
    public double? SecondsOf(SweepCell cell) =>
        IsKnown ? (secondsByKind.GetValueOrDefault(KindOf(cell)) ?? all).TakeLast(Lately).Median() : null;

    /// <summary>When the last of several jobs ends that take the runs one after another, each as soon as it is free.</summary>
    /// <param name="busy">Seconds that each job still has to do; a job that is free has 0.</param>
    /// <param name="runs">Seconds of each run that waits, in order.</param>
    public static double Makespan(IEnumerable<double> busy, IEnumerable<double> runs)
    {
        PriorityQueue<double, double> free = new(busy.Select(seconds => (seconds, seconds)));
        double end = free.UnorderedItems.Max(job => job.Element);
        foreach (double seconds in runs)
        {
            double done = free.Dequeue() + seconds;
            free.Enqueue(done, done);
            end = Math.Max(end, done);
        }

        return end;
    }

    /// <summary>What a run's time depends on.</summary>
    public string KindOf(SweepCell cell)
    {
        if (!kinds.TryGetValue(cell, out string? kind))
            kinds.Add(cell, kind = ConfigurationKey.Without(
                cell.Configuration, SettingName.Seed, SettingName.Dropout, SettingName.DropoutAt));
        return kind;
    }
}
