using DropoutLab.Benchmarks.Measuring;

namespace DropoutLab.Benchmarks.Steps;

/// <summary>A line of the benchmark; these names, in snake_case, are those of the JSON.</summary>
/// <param name="MedianMs">Milliseconds, the middle of all steps.</param>
/// <param name="P10Ms">A tenth of the steps were faster.</param>
/// <param name="P90Ms">A tenth of the steps were slower.</param>
/// <param name="AllocatedBytesPerStep">Managed memory, on all threads.</param>
/// <param name="ArenaBytes">Native memory of the plan.</param>
/// <param name="ToNone">A block's time over that of the plain network's block of the same round and precision.</param>
/// <param name="ToStandard">The same, over standard dropout with a mask for each datum.</param>
internal sealed record StepResult(
    string Model, int BatchSize, int Threads, string Precision, string Dropout, string MaskSharing,
    double MedianMs, double P10Ms, double P90Ms, double ImagesPerSecond, double AllocatedBytesPerStep, long ArenaBytes,
    Spread ToNone, Spread ToStandard);
