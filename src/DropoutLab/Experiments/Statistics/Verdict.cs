using System.Text.Json.Serialization;

namespace DropoutLab.Experiments.Statistics;

/// <summary>What runs say about a claim.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Verdict>))]
public enum Verdict
{
    /// <summary>The interval lies wholly on neither side, or there is none.</summary>
    [JsonStringEnumMemberName("undecided")]
    Undecided,

    /// <summary>The interval lies wholly where the claim puts the difference.</summary>
    [JsonStringEnumMemberName("supported")]
    Supported,

    /// <summary>The interval lies wholly where the claim does not allow the difference.</summary>
    [JsonStringEnumMemberName("refuted")]
    Refuted,
}
