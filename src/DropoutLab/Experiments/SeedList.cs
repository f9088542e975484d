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

/// <summary>A sweep's seeds in words.</summary>
public static class SeedWords
{
    private const int MostNumbers = 12;

    /// <summary>As in "1, 2, 3"; where there are many, neighbours as in "1 to 1000".</summary>
    public static string Text(IReadOnlyList<ulong> seeds)
    {
        if (seeds.Count <= MostNumbers)
            return string.Join(", ", seeds);
        List<string> ranges = [];
        for (int first = 0, next; first < seeds.Count; first = next)
        {
            for (next = first + 1; next < seeds.Count && seeds[next] == seeds[next - 1] + 1;)
                next++;
            ranges.Add(next - first == 1 ? $"{seeds[first]}" : $"{seeds[first]} to {seeds[next - 1]}");
        }

        return string.Join(", ", ranges);
    }
}
