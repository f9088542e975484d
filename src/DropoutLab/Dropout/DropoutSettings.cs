using System.Collections;
using System.Globalization;
using System.IO.Enumeration;
using System.Runtime.CompilerServices;

namespace DropoutLab.Dropout;

/// <summary>The dropout of a network: which rule, at which of its sites, and which elements of an input share a draw.</summary>
/// <param name="Rule">What the forward and the backward pass see at a site.</param>
/// <param name="Sites">The weight layers whose inputs are dropped.</param>
/// <param name="Sharing">Which elements of a site's input share a draw.</param>
public sealed record DropoutSettings(DropoutRule Rule, SiteSelection Sites, MaskSharing Sharing)
{
    /// <summary>No dropout: evaluation, and plain networks.</summary>
    public static DropoutSettings None { get; } = new(DropoutRule.None);

    /// <summary>A rule at <see cref="SiteSelection.All"/>, with a mask of its own for each datum.</summary>
    public DropoutSettings(DropoutRule rule) : this(rule, SiteSelection.All, MaskSharing.PerDatum)
    {
    }

    /// <summary>Whether neither the rule nor a site has a ratio above 0: the plain network, to the bit.</summary>
    public bool IsPlain => Rule.Kind == DropoutKind.None || (Rule.IsPlain && !Sites.Any(site => site.DropProbability > 0));

    /// <summary>Whether there are sites with a ratio of their own.</summary>
    public bool HasRatiosOfSites => Sites.Any(site => site.DropProbability is not null);

    /// <summary>What is drawn in evaluation with dropout on: the ratios of a step, over batches of any length.</summary>
    /// <param name="step">The last that was trained.</param>
    internal DropoutSettings InEvaluationAfter(uint step) => this with { Rule = Rule.At(step), Sharing = Sharing.OverAnyBatch() };

    /// <summary>The rule at each of a network's sites that take dropout.</summary>
    /// <exception cref="DropoutLabException">
    /// A site is none of the network's, or has a ratio where the rule is <see cref="DropoutRule.None"/>.
    /// </exception>
    public IReadOnlyDictionary<string, DropoutRule> RulesAt(IReadOnlyList<DropoutSite> sites, string networkName)
    {
        if (Rule.Kind == DropoutKind.None && HasRatiosOfSites)
            throw new DropoutLabException(
                $"{Sites}: a site's drop probability needs a rule that drops, as in standard:0.5; the rule is none",
                SettingName.DropoutAt, Sites);
        Dictionary<string, DropoutRule> rules = [];
        foreach (DropoutSite site in Sites == SiteSelection.All ? AllOf(sites) : [])
            rules[site.Name] = Rule;
        foreach (SitePattern pattern in Sites)
        {
            foreach (string name in Matching(pattern.Name, sites, networkName))
                rules[name] = pattern.DropProbability is { } ratio ? Rule.WithDropProbability(ratio) : Rule;
        }

        return rules;
    }

    private static IEnumerable<DropoutSite> AllOf(IReadOnlyList<DropoutSite> sites) =>
        sites.Any(site => !site.IsNetworkInput) ? sites.Where(site => !site.IsNetworkInput) : sites;

    private IReadOnlyList<string> Matching(string name, IReadOnlyList<DropoutSite> sites, string networkName)
    {
        string[] matching = [.. sites.Select(site => site.Name)
            .Where(site => FileSystemName.MatchesSimpleExpression(name, site, ignoreCase: false))];
        return matching.Length > 0 ? matching : throw new DropoutLabException(
            $"{networkName} has no dropout site {name}; its sites are {string.Join(", ", sites.Select(site => site.Name))}",
            SettingName.DropoutAt, Sites);
    }
}

/// <summary>A place where dropout may go: the input of a weight layer.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Shape">The input's axes, the batch first, as text.</param>
/// <param name="IsNetworkInput">Whether the layer reads the images themselves.</param>
public sealed record DropoutSite(string Name, string Shape, bool IsNetworkInput);

/// <summary>
/// Which of a network's sites take dropout: all but those that read the network's own input (unless there are no others), or
/// those that a pattern matches. Of several that match one site, the last counts; the pattern * matches every site.
/// </summary>
[CollectionBuilder(typeof(SiteSelection), nameof(Of))]
public sealed record SiteSelection : IEnumerable<SitePattern>
{
    private const string AllText = "all";

    private readonly SitePattern[] patterns;

    private SiteSelection(params SitePattern[] patterns) => this.patterns = patterns;

    /// <summary>All but those that read the network's own input, unless there are no others; no pattern is listed.</summary>
    public static SiteSelection All { get; } = new();

    /// <summary>Those that a pattern matches.</summary>
    /// <exception cref="DropoutLabException">There is no pattern.</exception>
    public static SiteSelection Of(ReadOnlySpan<SitePattern> patterns) => patterns.Length > 0
        ? new(patterns.ToArray())
        : throw new DropoutLabException(
            $"the list of dropout sites is empty: use {AllText}, or names of sites with commas between them");

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="DropoutLabException">There is no site, or one is not as <see cref="SitePattern"/> has it.</exception>
    public static SiteSelection Parse(string text) =>
        text == AllText ? All : DropoutLabException.Reading(SettingName.DropoutAt, text, ReadPatterns);

    /// <summary>all, or NAME and NAME=P with commas.</summary>
    public override string ToString() => patterns.Length == 0 ? AllText : string.Join<SitePattern>(',', patterns);

    /// <inheritdoc/>
    public bool Equals(SiteSelection? other) => other is not null && patterns.AsSpan().SequenceEqual(other.patterns);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>The patterns, in the order in which they were given; none where all sites are meant.</summary>
    public IEnumerator<SitePattern> GetEnumerator() => patterns.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static SiteSelection ReadPatterns(string text) =>
        [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(SitePattern.Parse)];
}

/// <summary>
/// Sites by name, and with which ratio where it is not the rule's: NAME or NAME=P, as in fc1 or conv*=0.1.
/// </summary>
/// <param name="Name">A site's name, in which * stands for any characters.</param>
/// <param name="DropProbability">
/// p there, at every step, in place of the rule's; a second mask's q stays the rule's. Null for the rule's own.
/// </param>
/// <exception cref="DropoutLabException">The probability is not in [0, 1).</exception>
public sealed record SitePattern(string Name, double? DropProbability = null)
{
    /// <inheritdoc cref="SitePattern" path="/param[@name='DropProbability']"/>
    public double? DropProbability { get; } = DropProbability is { } ratio ? DropoutRule.Ratio(ratio) : null;

    /// <inheritdoc cref="Parse"/>
    public static implicit operator SitePattern(string text) => Parse(text);

    /// <summary>Reads what <see cref="ToString"/> writes; the number has a decimal point in every culture.</summary>
    /// <exception cref="DropoutLabException">There is no name, or what is behind = is no number in [0, 1).</exception>
    public static SitePattern Parse(string text) => text.Split('=', StringSplitOptions.TrimEntries) switch
    {
        [{ Length: > 0 } name] => new SitePattern(name),
        [{ Length: > 0 } name, var ratio]
            when double.TryParse(ratio, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) =>
                new SitePattern(name, number),
        _ => throw new DropoutLabException(
            $"dropout site '{text}' is none: use a weight layer's name, or NAME=P with a drop probability P of its own, as in "
                + "fc1=0.2"),
    };

    /// <summary>NAME or NAME=P.</summary>
    public override string ToString() =>
        DropProbability is { } ratio ? string.Create(CultureInfo.InvariantCulture, $"{Name}={ratio}") : Name;
}
