using DropoutLab.Experiments;
using DropoutLab.Experiments.Slurm;

namespace DropoutLab.Dashboard.Live;

/// <summary>A sweep's folder, looked at as often as somebody wants to know: no one watches it while no page is open.</summary>
internal sealed class LiveSweep
{
    /// <summary>However many pages ask, the folder is looked at no more often.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(250);

    private readonly string folder;
    private readonly SweepReader reader;
    private readonly SlurmWatch slurm;
    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private readonly string start;
    private int count;
    private LiveView view;
    private long lastLook;

    /// <exception cref="DropoutLabException">It is no sweep's folder.</exception>
    public LiveSweep(string folder, TimeProvider clock)
    {
        this.folder = folder;
        this.clock = clock;
        reader = new SweepReader(folder);
        slurm = new SlurmWatch((summary, cancellation) => SlurmTasks.AskAsync(folder, summary, cancellation), clock);
        start = $"{clock.GetUtcNow().Ticks:x}";
        view = Next(reader.Read(), notice: null);
        lastLook = clock.GetTimestamp();
    }

    /// <summary>The folder as it is now; the same object as long as nothing changes.</summary>
    public LiveView Look()
    {
        lock (gate)
        {
            if (clock.GetElapsedTime(lastLook) < Freshness)
                return view;
            (SweepSummary? summary, string? notice) = Read();
            if (summary != view.Summary || notice != view.Notice)
                view = Next(summary, notice);
            lastLook = clock.GetTimestamp();
            return view;
        }
    }

    private (SweepSummary? Summary, string? Notice) Read()
    {
        try
        {
            return (slurm.On(reader.Read()), null);
        }
        catch (DropoutLabException exception)
        {
            // What was there stays on the page below the notice.
            return (view.Summary,
                Directory.Exists(folder) ? $"{exception.Message}; waiting for it" : "the folder is gone; waiting for it");
        }
    }

    private LiveView Next(SweepSummary? summary, string? notice) => new($"{start}-{++count}", folder, summary, notice);
}
