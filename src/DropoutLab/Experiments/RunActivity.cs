using System.Diagnostics;

namespace DropoutLab.Experiments;

/// <summary>A run whose process is at work.</summary>
/// <param name="run">The run.</param>
public sealed class RunActivity(SweepRun run)
{
    private readonly long start = Stopwatch.GetTimestamp();
    private RunReport? latest;

    /// <summary>The run that its process trains.</summary>
    public SweepRun Run { get; } = run;

    /// <summary>The last report of its process; null before the first.</summary>
    public RunReport? Latest => Volatile.Read(ref latest);

    /// <summary>Since its process was started.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(start);

    /// <summary>The part of its epochs that is done, in [0, 1].</summary>
    public double Progress => Latest is { StepCount: > 0 } report
        ? Math.Min(1, (report.CompletedEpochs + (double)report.Step / report.StepCount) / Run.Cell.Configuration.Epochs)
        : 0;

    internal void Take(RunReport report) => Volatile.Write(ref latest, report);
}
