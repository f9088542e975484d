using System.Diagnostics;
using DropoutLab.Backends;
using DropoutLab.Cli.Display;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Experiments;
using DropoutLab.Recipes;
using DropoutLab.Runs;
using DropoutLab.Training;

namespace DropoutLab.Cli.Commands;

/// <summary>How long a sweep should take, before it starts.</summary>
/// <param name="Pace">What runs take.</param>
/// <param name="Basis">Where that is known from, in words.</param>
internal sealed record SweepForecast(SweepPace Pace, string Basis)
{
    private const double MeasuringSeconds = 1;
    private const int WarmUpSteps = 3;

    /// <summary>By finished runs; where there are none, by measuring a step of each kind of run.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static SweepForecast Make(
        SweepPlan plan, IReadOnlyCollection<RunRecord> finished, string? dataDirectory, CancellationToken cancellation)
    {
        SweepPace pace = new();
        foreach (RunRecord record in finished)
            pace.Add(record);
        if (pace.IsKnown)
            return new SweepForecast(pace, $"by {Quantity.Text(finished.Count, "finished run")}");
        foreach (SweepCell cell in plan.Cells.DistinctBy(pace.KindOf))
        {
            if (!DataChoice.IsOwn(cell.Configuration.Dataset)
                && DatasetCatalog.Locate(cell.Configuration.Dataset, dataDirectory) is null)
                return new SweepForecast(new SweepPace(), $"for {cell.Configuration.Dataset} is not at hand");
            pace.Add(cell, Measure(cell.Configuration, dataDirectory, cancellation));
        }

        return new SweepForecast(pace, "by measuring a training step alone");
    }

    private static double Measure(RunConfiguration configuration, string? dataDirectory, CancellationToken cancellation)
    {
        long begin = Stopwatch.GetTimestamp();
        RunData data = RunData.Load(configuration, dataDirectory, progress: null, cancellation);
        double loading = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        TrainingOptions options = configuration.ToOptions();
        using Backend backend = BackendCatalog.Create(configuration.Backend, configuration.Threads, out _);
        using StepBenchmark benchmark = new(
            configuration.CreateNetwork(), configuration.Objective, data.Training.Train, options, backend,
            options.Precision ?? backend.PreferredPrecision, options.BatchSize);
        benchmark.Run(WarmUpSteps, keep: false);
        long start = Stopwatch.GetTimestamp();
        do
        {
            cancellation.ThrowIfCancellationRequested();
            benchmark.Run(steps: 1, keep: true);
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < MeasuringSeconds);
        double secondsPerImage = benchmark.Result().MedianMilliseconds / 1000 / options.BatchSize;
        return loading
            + QuickPlan.ForEpochs(
                options.Epochs, secondsPerImage, data.Training.Train.Count, data.Training.Test.Count, trainings: 1).Seconds;
    }
}
