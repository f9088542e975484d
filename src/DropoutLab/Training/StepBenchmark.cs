using System.Diagnostics;
using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Objectives;

namespace DropoutLab.Training;

/// <summary>Times of one training step (load, forward, backward, update).</summary>
/// <param name="MedianMilliseconds">The middle of all repeats.</param>
/// <param name="Percentile10Milliseconds">A tenth of the repeats were faster.</param>
/// <param name="Percentile90Milliseconds">A tenth of the repeats were slower.</param>
/// <param name="DataPerSecond">By the median.</param>
/// <param name="AllocatedBytesPerStep">Managed memory, on all threads.</param>
/// <param name="ArenaBytes">Native memory of the plan.</param>
/// <param name="BytesForGradients">
/// The part that gradients read of what the forward pass made; a plan that makes some of it again takes less.
/// </param>
public sealed record StepTiming(
    double MedianMilliseconds, double Percentile10Milliseconds, double Percentile90Milliseconds,
    double DataPerSecond, double AllocatedBytesPerStep, long ArenaBytes, long BytesForGradients);

/// <summary>Measures training steps.</summary>
public sealed class StepBenchmark : IDisposable
{
    private readonly NetworkPlan plan;
    private readonly ParameterStore store;
    private readonly BatchSource data;
    private readonly int[] numbers;
    private readonly OptimizerStep update;
    private readonly List<double> milliseconds = [];
    private long allocated;
    private uint step;

    /// <param name="network">What is trained.</param>
    /// <param name="objective">What for.</param>
    /// <param name="data">A batch, or more.</param>
    /// <param name="options">Dropout and optimiser.</param>
    /// <param name="backend">What computes.</param>
    /// <param name="precision">What it computes in.</param>
    /// <param name="batchSize">How many of the data are a batch; all of them if null.</param>
    /// <exception cref="DropoutLabException">They do not fit together.</exception>
    public StepBenchmark(
        Network network, Objective objective, BatchSource data, TrainingOptions options, Backend backend, Precision precision,
        int? batchSize = null)
    {
        store = new ParameterStore(network.Parameters, precision);
        store.Initialise(1);
        update = backend.Compile(options.Optimizer, store);
        (this.data, numbers) = (data, [.. Enumerable.Range(0, Math.Min(data.Count, batchSize ?? data.Count))]);
        plan = network.Build(numbers.Length * data.Views, options.Dropout).TrainingPlan(backend, store, objective);
    }

    /// <summary>Runs steps, and keeps their times unless they are for warming up.</summary>
    public void Run(int steps, bool keep)
    {
        milliseconds.EnsureCapacity(keep ? milliseconds.Count + steps : 0);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < steps; i++)
        {
            long start = Stopwatch.GetTimestamp();
            plan.Load(data, numbers);
            plan.Run(seed: 1, step);
            update.Run(1e-4, step++);
            if (keep)
                milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        if (keep)
            allocated += GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    /// <summary>The times of all kept steps.</summary>
    public StepTiming Result()
    {
        double[] sorted = [.. milliseconds.Order()];
        double Quantile(double part) => sorted[(int)Math.Round(part * (sorted.Length - 1))];
        return new StepTiming(
            Quantile(0.5), Quantile(0.1), Quantile(0.9), 1000 * numbers.Length / Quantile(0.5), (double)allocated / sorted.Length,
            plan.ArenaBytes, plan.BytesForGradients);
    }

    /// <summary>
    /// What each kernel of a step takes, in order: names, and milliseconds that a tenth of the repeats were faster than.
    /// </summary>
    public IReadOnlyList<(string Kernel, double Milliseconds)> Profile(int repeats)
    {
        IReadOnlyList<Kernel> kernels = plan.Plan.Kernels;
        List<double>[] times = [.. kernels.Select(_ => new List<double>(repeats))];
        for (int i = 0; i < repeats; i++)
        {
            for (int k = 0; k < kernels.Count; k++)
            {
                long start = Stopwatch.GetTimestamp();
                kernels[k].Run();
                times[k].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        return [.. kernels.Zip(times, (kernel, list) => (kernel.ToString()!, list.Order().ElementAt(repeats / 10)))];
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        plan.Dispose();
        store.Dispose();
    }
}
