using System.Globalization;
using System.Text.Json.Serialization;

namespace DropoutLab.Experiments.Statistics;

/// <summary>A part of an observation that one difference of two cells decides.</summary>
/// <param name="Text">What it claims.</param>
/// <param name="Verdict">What the runs say.</param>
/// <param name="Difference">The paired difference that decides; its n is 0 where a cell is missing.</param>
public sealed record Statement(string Text, Verdict Verdict, Estimate Difference)
{
    /// <summary>Accuracies nearer than this count as equal: one test image in 200.</summary>
    public const double AccuracyMargin = 0.005;

    /// <summary>Losses nearer than this count as equal, in nats.</summary>
    public const double LossMargin = 0.05;

    /// <summary>Decides a claim by an interval.</summary>
    public static Verdict Decide(Relation relation, Estimate difference, double margin)
    {
        if (difference is not { Low: { } low, High: { } high })
            return Verdict.Undecided;
        (bool supported, bool refuted) = relation switch
        {
            Relation.Above => (low > 0, high < 0),
            Relation.Below => (high < 0, low > 0),
            Relation.Near => (low >= -margin && high <= margin, low > margin || high < -margin),
            Relation.NotAbove => (low <= 0 && high < margin, low > 0),
            _ => throw new ArgumentOutOfRangeException(nameof(relation), relation, "no such relation"),
        };
        return supported ? Verdict.Supported : refuted ? Verdict.Refuted : Verdict.Undecided;
    }

    internal static Statement Of(ComparedCell cell, Relation relation, ComparedCell other, Measure measure)
    {
        double margin = measure == Measure.TestAccuracy ? AccuracyMargin : LossMargin;
        Estimate difference = cell.Runs is { } mine && other.Runs is { } theirs
            ? PairedDifference.Of(mine, theirs, measure)
            : Estimate.Of();
        return new Statement($"{cell.Name}'s {measure.Words()} is {Words(relation, other.Name, margin)}",
            Decide(relation, difference, margin), difference);
    }

    private static string Words(Relation relation, string other, double margin) => relation switch
    {
        Relation.Above => $"above {other}'s",
        Relation.Below => $"below {other}'s",
        Relation.Near => $"within {margin.ToString(CultureInfo.InvariantCulture)} of {other}'s",
        Relation.NotAbove => $"not above {other}'s (not by {margin.ToString(CultureInfo.InvariantCulture)} or more)",
        _ => throw new ArgumentOutOfRangeException(nameof(relation), relation, "no such relation"),
    };
}

/// <summary>What a statement claims about the difference d of two cells.</summary>
public enum Relation
{
    /// <summary>d &gt; 0: supported by an interval above 0, refuted by one below.</summary>
    Above,

    /// <summary>d &lt; 0: supported by an interval below 0, refuted by one above.</summary>
    Below,

    /// <summary>|d| ≤ margin: supported by an interval within ±margin, refuted by one outside.</summary>
    Near,

    /// <summary>d is not above 0: refuted by an interval above 0, else supported by one below the margin.</summary>
    NotAbove,
}

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
