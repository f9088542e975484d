using DropoutLab.Dropout;
using DropoutLab.Models;

namespace DropoutLab.Cli.Display;

/// <summary>The sites that take dropout, in the network's order, with the ratio where it is their own.</summary>
internal static class SiteNames
{
    public static string Text(DropoutSettings dropout, Network network)
    {
        IReadOnlyDictionary<string, DropoutRule> rules = dropout.RulesAt(network.Sites, network.Name);
        return Text(
            dropout.Rule, network.Sites.Select(site => site.Name).Where(rules.ContainsKey).Select(name => (name, rules[name])));
    }

    public static string Text(DropoutRule rule, IEnumerable<(string Name, DropoutRule Rule)> sites) =>
        string.Join(", ", sites.Select(site => site.Rule == rule ? site.Name : $"{site.Name} ({site.Rule.DropProbability})"));
}
