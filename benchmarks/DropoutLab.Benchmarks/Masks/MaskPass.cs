using System.Diagnostics;
using DropoutLab.Backends.Threading;

namespace DropoutLab.Benchmarks.Masks;

/// <summary>One pass over the memory.</summary>
/// <param name="Name">In results.</param>
/// <param name="DropProbability">Of the mask; null without one.</param>
/// <param name="BytesPerElement">Read and written.</param>
/// <param name="Kernel">The pass.</param>
internal sealed record MaskPass(string Name, double? DropProbability, double BytesPerElement, LoopKernel Kernel)
{
    /// <summary>Runs it.</summary>
    /// <returns>Nanoseconds.</returns>
    public double Time()
    {
        long start = Stopwatch.GetTimestamp();
        Kernel.Run();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }
}
