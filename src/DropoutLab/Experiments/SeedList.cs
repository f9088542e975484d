using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace DropoutLab.Experiments;

/// <summary>Reads seeds: one number, a range as in 1..5, or a list of both.</summary>
internal sealed class SeedList(ICollection<SweepMistake> mistakes)
{
    private const string Key = "seeds";
    private const ulong MostSeeds = 10_000;

    public IReadOnlyList<ulong> Read(YamlNode node)
    {
        List<ulong> seeds = [];
        foreach (YamlNode item in node is YamlSequenceNode sequence ? sequence.Children : [node])
        {
            foreach (ulong seed in Range(item))
            {
                if (seeds.Contains(seed))
                    Wrong(item, $"seed {seed} is there twice");
                seeds.Add(seed);
            }
        }

        if (seeds.Count == 0 && node is YamlSequenceNode { Children.Count: 0 })
            Wrong(node, "the list is empty: give at least one seed");
        return seeds;
    }

    private IEnumerable<ulong> Range(YamlNode item)
    {
        string text = (item as YamlScalarNode)?.Value ?? "";
        string[] ends = text.Split("..");
        if (ends.Length <= 2 && TryParse(ends[0], out ulong first) && TryParse(ends[^1], out ulong last) && first <= last
            && last - first < MostSeeds)
            return Enumerable.Range(0, (int)(last - first) + 1).Select(i => first + (ulong)i);
        Wrong(item, $"'{text}' is no seed and no range of at most {MostSeeds} seeds: write a whole number from 0, or as in 1..5");
        return [];
    }

    private static bool TryParse(string text, out ulong seed) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seed);

    private void Wrong(YamlNode node, string reason) => mistakes.Add(new SweepMistake((int)node.Start.Line, Key, reason));
}
