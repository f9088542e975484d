namespace DropoutLab.Cli.Commands;

/// <summary>The line of a rule and a sharing; these names, in snake_case, are those of the JSON.</summary>
/// <param name="Ratio">The median over that of the first line.</param>
/// <param name="ArenaBytes">The plan's native memory.</param>
/// <param name="BytesForGradients">What gradients read of the forward pass's activations and masks.</param>
/// <param name="Profile">Kernel by kernel, in order; null unless asked for.</param>
internal sealed record BenchResult(
    string Model, string Dropout, string DropoutAt, string MaskSharing, string Precision, string Backend, int BatchSize,
    int Threads, double MedianMs, double P10Ms, double P90Ms, double ImagesPerSecond, double AllocatedBytesPerStep, double Ratio,
    long ArenaBytes, long BytesForGradients,
    IReadOnlyList<KernelTime>? Profile);

/// <summary>Milliseconds that a tenth of a kernel's runs were faster than.</summary>
internal sealed record KernelTime(string Kernel, double Ms);
