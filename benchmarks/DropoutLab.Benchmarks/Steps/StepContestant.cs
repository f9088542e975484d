using System.Diagnostics;
using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Recipes;
using DropoutLab.Training;

namespace DropoutLab.Benchmarks.Steps;

/// <summary>A precision and a dropout, and the training steps with them.</summary>
internal sealed class StepContestant(
    Network network, Backend backend, Precision precision, DropoutSettings dropout, int batchSize) : IDisposable
{
    private readonly StepBenchmark benchmark = ImageSteps.Of(network, backend, precision, dropout, batchSize);

    public Precision Precision => precision;

    public DropoutSettings Dropout => dropout;

    public void WarmUp(int steps) => benchmark.Run(steps, keep: false);

    /// <summary>Runs steps, after one that brings this contestant's memory back into the caches.</summary>
    /// <returns>Milliseconds a step.</returns>
    public double MeasureBlock(int steps)
    {
        benchmark.Run(1, keep: false);
        long start = Stopwatch.GetTimestamp();
        benchmark.Run(steps, keep: true);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds / steps;
    }

    /// <summary>The times of all measured steps.</summary>
    public StepTiming Timing() => benchmark.Result();

    public void Dispose() => benchmark.Dispose();
}
