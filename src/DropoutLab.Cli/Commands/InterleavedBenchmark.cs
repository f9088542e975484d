using DropoutLab.Backends;
using DropoutLab.Cli.Display;
using DropoutLab.Cli.Options;
using DropoutLab.Dropout;
using DropoutLab.Training;

namespace DropoutLab.Cli.Commands;

/// <summary>Measures the steps with several kinds of dropout in turn, a few steps of each at a time.</summary>
internal sealed class InterleavedBenchmark : IDisposable
{
    private const int BlockSteps = 5;
    private const string Label = "measuring";

    private readonly Compute compute;
    private readonly BenchedSteps steps;
    private readonly List<(DropoutSettings Dropout, StepBenchmark Benchmark)> entries = [];

    public InterleavedBenchmark(BenchedSteps steps, Compute compute, IReadOnlyList<DropoutSettings> compared)
    {
        this.compute = compute;
        this.steps = steps;
        foreach (DropoutSettings dropout in compared)
            entries.Add((dropout, steps.Under(dropout)));
    }

    /// <summary>Warms everything up and measures; a bar on a terminal moves between the blocks.</summary>
    public void Run(CommandConsole console, int warmUp, int steps)
    {
        if (!console.IsTerminal)
        {
            Measure(warmUp, steps, console.Cancellation, () => { });
            return;
        }

        int total = entries.Count * (Blocks(warmUp) + Blocks(steps)), done = 0;
        LiveBar.Show(console.Ansi, bar =>
        {
            bar.Draw(Label, part: 0);
            Measure(warmUp, steps, console.Cancellation, () => bar.Draw(Label, (double)++done / total));
            return total;
        });
    }

    /// <summary>What was measured, in the order in which it was given.</summary>
    public IReadOnlyList<BenchResult> Results(int profileRepeats)
    {
        double first = entries[0].Benchmark.Result().MedianMilliseconds;
        return [.. entries.Select(entry => Result(entry.Dropout, entry.Benchmark, first, profileRepeats))];
    }

    public void Dispose()
    {
        foreach ((_, StepBenchmark benchmark) in entries)
            benchmark.Dispose();
    }

    private static int Blocks(int steps) => (steps + BlockSteps - 1) / BlockSteps;

    private void Measure(int warmUp, int steps, CancellationToken cancellation, Action blockDone)
    {
        void Block(int count, bool keep)
        {
            foreach ((_, StepBenchmark benchmark) in entries)
            {
                cancellation.ThrowIfCancellationRequested();
                benchmark.Run(count, keep);
                blockDone();
            }
        }

        void InBlocks(int count, bool keep)
        {
            for (int done = 0; done < count; done += BlockSteps)
                Block(Math.Min(BlockSteps, count - done), keep);
        }

        InBlocks(warmUp, keep: false);
        InBlocks(steps, keep: true);
    }

    private BenchResult Result(DropoutSettings dropout, StepBenchmark benchmark, double firstMedian, int profileRepeats)
    {
        StepTiming timing = benchmark.Result();
        KernelTime[]? profile = profileRepeats > 0
            ? [.. benchmark.Profile(profileRepeats).Select(kernel => new KernelTime(kernel.Kernel, kernel.Milliseconds))]
            : null;
        return new BenchResult(
            steps.Model, $"{dropout.Rule}", $"{dropout.Sites}", $"{dropout.Sharing}",
            compute.Precision.ShortName(), compute.Backend.Name, steps.BatchSize, compute.Threads,
            timing.MedianMilliseconds, timing.Percentile10Milliseconds, timing.Percentile90Milliseconds,
            steps.Tokens is null ? timing.DataPerSecond : null, steps.Tokens is null ? null : timing.DataPerSecond, steps.Tokens,
            timing.AllocatedBytesPerStep, timing.MedianMilliseconds / firstMedian,
            timing.ArenaBytes, timing.BytesForGradients, profile);
    }
}
