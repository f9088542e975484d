using System.Text.Json;
using System.Text.Json.Nodes;
using DropoutLab.Dropout;
using DropoutLab.Runs;

namespace DropoutLab.Experiments;

/// <summary>Configurations as texts, equal where the settings are, whatever settings there may be.</summary>
internal static class ConfigurationKey
{
    // The number of threads changes a result by rounding only; where it ran, and what was at hand there, does not change what was
    // asked for.
    private static readonly string[] NeverCompared = ["environment", SettingName.Threads, "data", "run_id"];

    /// <summary>What means nothing without dropout.</summary>
    public static readonly string[] OnlyWithDropout = [SettingName.Dropout, SettingName.DropoutAt, SettingName.MaskSharing];

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>All settings but the ones named and those that are never compared, as they are written.</summary>
    public static string Without(RunConfiguration configuration, params IEnumerable<string> names) =>
        Settings(configuration, names).ToJsonString();

    /// <summary>In which setting that is compared two runs differ; null for the same run.</summary>
    public static (string Name, string Mine, string Theirs)? Difference(RunConfiguration mine, RunConfiguration theirs) =>
        (mine with { Threads = theirs.Threads }).FirstDifference(theirs);

    /// <inheritdoc cref="Without"/>
    public static JsonObject Settings(RunConfiguration configuration, params IEnumerable<string> names)
    {
        JsonObject settings = JsonSerializer.SerializeToNode(configuration, Json)!.AsObject();
        foreach (string name in NeverCompared.Concat(names))
            settings.Remove(name);
        return settings;
    }
}

/// <summary>
/// One text for one run, with dropout as what it comes to at each site: <c>fc1,fc2</c> and <c>fc*</c> may be the same. What a
/// spelling comes to is found out once, for runs of many seeds.
/// </summary>
internal sealed class RunKeys
{
    private readonly Dictionary<(string Model, string Dataset, int BatchSize, DropoutSettings Dropout), string> masks = [];

    public string Of(RunConfiguration run)
    {
        JsonObject settings = ConfigurationKey.Settings(run, ConfigurationKey.OnlyWithDropout);
        (string, string, int, DropoutSettings) spelling = (run.Model, run.Dataset, run.BatchSize, run.ToDropout());
        if (!masks.TryGetValue(spelling, out string? resolved))
            masks.Add(spelling, resolved = Masks(run));
        settings.Add(SettingName.Dropout, resolved);
        return settings.ToJsonString();
    }

    private static string Masks(RunConfiguration run)
    {
        try
        {
            return run.ResolvedDropout();
        }
        catch (DropoutLabException)
        {
            // A file that was changed by hand: it is no run's of a plan, and not another's.
            return $"{run.Dropout} at {run.DropoutAt}, {run.MaskSharing}";
        }
    }
}
