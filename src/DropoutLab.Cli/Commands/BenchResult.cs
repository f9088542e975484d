using DropoutLab.Dropout;
using DropoutLab.Training;

namespace DropoutLab.Cli.Commands;

/// <summary>The line of a rule and a sharing; these names, in snake_case, are those of the JSON.</summary>
/// <param name="ImagesPerSecond">By the median; null for sentences.</param>
/// <param name="SentencesPerSecond">By the median; null for images.</param>
/// <param name="Tokens">Those of all views in a step; null for images.</param>
/// <param name="Ratio">The median over that of the first line.</param>
/// <param name="ArenaBytes">The plan's native memory.</param>
/// <param name="BytesForGradients">What gradients read of the forward pass's activations and masks.</param>
/// <param name="Profile">Kernel by kernel, in order; null unless asked for.</param>
internal sealed record BenchResult(
    string Model, string Dropout, string DropoutAt, string MaskSharing, string Precision, string Backend, int BatchSize,
    int Threads, double MedianMs, double P10Ms, double P90Ms, double? ImagesPerSecond, double? SentencesPerSecond,
    int? Tokens, double AllocatedBytesPerStep, double Ratio, long ArenaBytes, long BytesForGradients,
    IReadOnlyList<KernelTime>? Profile);

/// <summary>What is measured: steps of one model on one batch, under any dropout.</summary>
/// <param name="Model">Its name.</param>
/// <param name="BatchSize">Data of a step.</param>
/// <param name="Tokens">Those of all views in a step of sentences; null for images.</param>
/// <param name="Under">The steps under some dropout.</param>
internal sealed record BenchedSteps(string Model, int BatchSize, int? Tokens, Func<DropoutSettings, StepBenchmark> Under);

/// <summary>Milliseconds that a tenth of a kernel's runs were faster than.</summary>
internal sealed record KernelTime(string Kernel, double Ms);
