using System.Diagnostics;
using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Dropout;
using DropoutLab.Models;

namespace DropoutLab.Training;

/// <summary>Times of one training step (load, forward, backward, update) on made-up images.</summary>
/// <param name="MedianMilliseconds">The middle of all repeats.</param>
/// <param name="Percentile10Milliseconds">A tenth of the repeats were faster.</param>
/// <param name="Percentile90Milliseconds">A tenth of the repeats were slower.</param>
/// <param name="ImagesPerSecond">By the median.</param>
/// <param name="AllocatedBytesPerStep">Managed memory, on all threads.</param>
/// <param name="ArenaBytes">Native memory of the plan.</param>
/// <param name="BytesForGradients">The part that gradients read of what the forward pass made; a plan that makes some of it again takes less.</param>
public sealed record StepTiming(
    double MedianMilliseconds, double Percentile10Milliseconds, double Percentile90Milliseconds,
    double ImagesPerSecond, double AllocatedBytesPerStep, long ArenaBytes, long BytesForGradients);

/// <summary>Measures training steps.</summary>
public sealed class StepBenchmark : IDisposable
{
    private readonly StepRunner runner;
    private readonly ParameterStore store;
    private readonly BatchLoader loader;
    private readonly int[] numbers;
    private readonly SgdUpdate update;
    private readonly List<double> milliseconds = [];
    private long allocated;
    private uint step;

    public StepBenchmark(Network network, Backend backend, Precision precision, DropoutSettings dropout, int batchSize)
    {
        store = new ParameterStore(network.Parameters, precision);
        store.Initialise(1);
        update = new Sgd(0.9, 0.004).For(store, backend.Team);
        ImageSet images = MadeUp(network, batchSize);
        loader = new BatchLoader(images, PixelTransform.Fit(PixelScaling.PerChannel, images), backend.Team);
        numbers = [.. Enumerable.Range(0, batchSize)];
        runner = StepRunner.Train(network, backend, store, precision, dropout, batchSize);
    }

    /// <summary>Runs steps, and keeps their times unless they are for warming up.</summary>
    public void Run(int steps, bool keep)
    {
        milliseconds.EnsureCapacity(keep ? milliseconds.Count + steps : 0);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < steps; i++)
        {
            long start = Stopwatch.GetTimestamp();
            runner.Run(loader, numbers, seed: 1, step++);
            update.Step(1e-4);
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
            runner.ArenaBytes, runner.BytesForGradients);
    }

    /// <summary>What each kernel of a step takes, in order: names, and milliseconds that a tenth of the repeats were faster than.</summary>
    public IReadOnlyList<(string Kernel, double Milliseconds)> Profile(int repeats)
    {
        IReadOnlyList<Kernel> kernels = runner.Kernels;
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

    public void Dispose()
    {
        runner.Dispose();
        store.Dispose();
    }

    private static ImageSet MadeUp(Network network, int count)
    {
        byte[] pixels = new byte[count * network.Input.Height * network.Input.Width * network.Input.Channels];
        byte[] labels = new byte[count];
        new System.Random(1).NextBytes(pixels);
        for (int i = 0; i < count; i++)
            labels[i] = (byte)(i % network.ClassCount);
        return new ImageSet(network.Input.Height, network.Input.Width, network.Input.Channels, pixels, labels);
    }
}
