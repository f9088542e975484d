using System.Text.Json;
using System.Text.Json.Nodes;
using DropoutLab.Training;

namespace DropoutLab.Experiments;

/// <summary>Configurations as texts, equal where the settings are, whatever settings there may be.</summary>
internal static class ConfigurationKey
{
    public const string Model = "model", Dataset = "dataset", Seed = "seed", Dropout = "dropout", DropoutAt = "dropout_at", MaskSharing = "mask_sharing", Epochs = "epochs";

    // The number of threads changes a result by rounding only; where it ran, and what was at hand there, does not change what was
    // asked for.
    private static readonly string[] NeverCompared = ["environment", "threads", "data", "run_id"];

    /// <summary>What means nothing without dropout.</summary>
    public static readonly string[] OnlyWithDropout = [Dropout, DropoutAt, MaskSharing];

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>All settings but the ones named, the number of threads, the environment and the data.</summary>
    public static string Of(RunConfiguration configuration, params IEnumerable<string> without) =>
        Settings(configuration, without).ToJsonString();

    /// <summary>In which setting that is compared two runs differ; null for the same run.</summary>
    public static (string Name, string Mine, string Theirs)? Difference(RunConfiguration mine, RunConfiguration theirs) =>
        (mine with { Threads = theirs.Threads }).FirstDifference(theirs);

    /// <inheritdoc cref="Of"/>
    public static JsonObject Settings(RunConfiguration configuration, params IEnumerable<string> without)
    {
        JsonObject settings = JsonSerializer.SerializeToNode(configuration, Json)!.AsObject();
        foreach (string name in NeverCompared.Concat(without))
            settings.Remove(name);
        return settings;
    }
}
