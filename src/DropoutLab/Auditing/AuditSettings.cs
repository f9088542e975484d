using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Models;

namespace DropoutLab.Auditing;

/// <summary>What an audited step is a function of besides its arrays, and what computed it.</summary>
/// <param name="Network">The network's name.</param>
/// <param name="Rule">What F and B are at a site that has no ratio of its own.</param>
/// <param name="Sites">The weight layers whose inputs are dropped, in the network's order, with the rule there; none under a plain rule.</param>
/// <param name="Sharing">Which elements of an input share a draw.</param>
/// <param name="Seed">What the masks are drawn from.</param>
/// <param name="Step">The number of the step, from 0.</param>
/// <param name="Precision">What was computed in.</param>
/// <param name="Backend">What computed: name, version, instruction set, threads.</param>
public sealed record AuditSettings(
    string Network, DropoutRule Rule, IReadOnlyList<(string Name, DropoutRule Rule)> Sites, MaskSharing Sharing, ulong Seed, uint Step,
    Precision Precision, string Backend)
{
    internal static AuditSettings Of(Network network, DropoutSettings dropout, StepInput input, Backend backend, Precision precision)
    {
        IReadOnlyDictionary<string, DropoutRule> rules = dropout.RulesAt(network.Sites, network.Name);
        (string, DropoutRule)[] sites = dropout.IsPlain
            ? []
            : [.. network.Sites.Select(site => site.Name).Where(rules.ContainsKey).Select(name => (name, rules[name]))];
        return new AuditSettings(
            network.Name, dropout.Rule, sites, dropout.Sharing, input.Seed, input.Step, precision, $"{backend.Name}: {backend.Description}");
    }
}
