using System.IO.Enumeration;

namespace DropoutLab.Dropout;

/// <summary>The dropout of a network: which rule, at which of its sites, and which elements of an input share a draw.</summary>
/// <param name="Rule">What the forward and the backward pass see at a site.</param>
/// <param name="Sites">
/// The names of the weight layers whose inputs are dropped, one or more, in which * stands for any characters; null for all but those
/// that read the network's own input (unless there are no others).
/// </param>
/// <param name="Sharing">Which elements of a site's input share a draw.</param>
public sealed record DropoutSettings(DropoutRule Rule, IReadOnlyList<string>? Sites, MaskSharing Sharing)
{
    /// <summary>No dropout: evaluation, and plain networks.</summary>
    public static DropoutSettings None { get; } = new(DropoutRule.None);

    /// <summary>
    /// A rule at all sites but those that read the network's own input (unless there are no others), with a mask of its own for each
    /// datum. The site name * stands for all of them.
    /// </summary>
    public DropoutSettings(DropoutRule rule) : this(rule, null, MaskSharing.PerDatum)
    {
    }

    /// <summary>What is drawn in evaluation with dropout on: the ratios of a step, over batches of any length.</summary>
    /// <param name="step">The last that was trained.</param>
    internal DropoutSettings InEvaluationAfter(uint step) => this with { Rule = Rule.At(step), Sharing = Sharing.OverAnyBatch() };

    /// <summary>The sites as the command line writes them: all, or names with commas.</summary>
    public string SitesText => Sites is null ? "all" : string.Join(',', Sites);

    /// <summary>Reads what <see cref="SitesText"/> writes.</summary>
    public static IReadOnlyList<string>? ParseSites(string text) => text == "all"
        ? null
        : text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } sites
            ? sites
            : throw new DropoutLabException("--dropout-at must be all, or names of sites with commas between them; it is empty");

    /// <summary>The sites that take dropout, out of all those of a network.</summary>
    /// <exception cref="DropoutLabException">No name is given, or one that is that of none of the network's sites.</exception>
    public IReadOnlySet<string> Choose(IReadOnlyList<DropoutSite> sites, string networkName)
    {
        if (Sites is { Count: 0 })
            throw new DropoutLabException($"no dropout site of {networkName} is named: name one, or take {nameof(DropoutRule)}.{nameof(DropoutRule.None)}");
        if (Sites is not null)
            return Sites.SelectMany(name => Matching(name, sites, networkName)).ToHashSet();
        HashSet<string> inner = [.. sites.Where(site => !site.IsNetworkInput).Select(site => site.Name)];
        return inner.Count > 0 ? inner : [.. sites.Select(site => site.Name)];
    }

    private static IReadOnlyList<string> Matching(string name, IReadOnlyList<DropoutSite> sites, string networkName)
    {
        string[] matching = [.. sites.Select(site => site.Name).Where(site => FileSystemName.MatchesSimpleExpression(name, site, ignoreCase: false))];
        return matching.Length > 0 ? matching : throw new DropoutLabException(
            $"{networkName} has no dropout site {name}; its sites are {string.Join(", ", sites.Select(site => site.Name))}");
    }
}

/// <summary>A place where dropout may go: the input of a weight layer.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Shape">The input's axes, the batch first, as text.</param>
/// <param name="IsNetworkInput">Whether the layer reads the images themselves.</param>
public sealed record DropoutSite(string Name, string Shape, bool IsNetworkInput);
