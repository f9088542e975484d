using DropoutLab.Training;

namespace DropoutLab.Cli.Commands;

/// <summary>What a quick reproduction came to, with everything that it depends on.</summary>
internal sealed record QuickResults(
    string Model, string Dataset, int TrainImages, int TestImages, int Epochs, int BatchSize, string DropoutAt, ulong Seed,
    string Precision,
    string Backend, int Threads, IReadOnlyDictionary<string, string> Environment, IReadOnlyList<QuickResult> Results)
{
    /// <summary>The file's name within the folder that the user names.</summary>
    public const string FileName = "results.json";
}

/// <summary>A rule's training.</summary>
internal sealed record QuickResult(string Dropout, IReadOnlyList<EpochMetrics> Epochs);
