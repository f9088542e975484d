using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace DropoutLab.Experiments;

/// <summary>Turns YAML into a <see cref="SweepFile"/>, and notes everything on the way that is not as it should be.</summary>
internal sealed class SweepFileReader(ICollection<SweepMistake> mistakes)
{
    private const string Keys = "name, recipe, axes, cells and seeds";
    private const string FileItself = "file";

    public SweepFile Read(string yaml, string defaultName)
    {
        string name = defaultName;
        List<SweepSetting> recipe = [];
        List<SweepGrid> grids = [];
        IReadOnlyList<ulong>? seeds = null;
        foreach ((string key, YamlNode keyNode, YamlNode value) in Entries(Root(yaml), FileItself))
        {
            switch (key)
            {
                case "name":
                    name = Text(value, key) ?? name;
                    break;
                case "recipe":
                    recipe = [.. Entries(value, key).SelectMany(Single)];
                    break;
                case "axes":
                    grids.Insert(0, Grid(value, key));
                    break;
                case "cells":
                    grids.AddRange(Items(value, key).Select(item => Grid(item, key)));
                    break;
                case "seeds":
                    seeds = new SeedList(mistakes).Read(value);
                    break;
                default:
                    Wrong(keyNode, key, $"there is no such key: a sweep has {Keys}");
                    break;
            }
        }

        NoteOverridden(recipe, grids);
        return new SweepFile(name, recipe, grids.Count > 0 ? grids : [new SweepGrid(1, [])], seeds ?? [1]);
    }

    private YamlNode? Root(string yaml)
    {
        YamlStream stream = [];
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException exception)
        {
            mistakes.Add(new SweepMistake((int)exception.Start.Line, FileItself, $"this is not YAML: {exception.Message}"));
            return null;
        }

        if (stream.Documents is [var only])
            return only.RootNode;
        mistakes.Add(new SweepMistake(1, FileItself,
            $"it is {(stream.Documents.Count == 0 ? "empty" : "several documents")}: a sweep has {Keys}"));
        return null;
    }

    private SweepGrid Grid(YamlNode node, string key) =>
        new((int)node.Start.Line, [.. Entries(node, key).Select(Axis).Where(axis => axis.Count > 0)]);

    private List<SweepSetting> Axis((string Key, YamlNode KeyNode, YamlNode Value) entry)
    {
        IEnumerable<YamlNode> values = entry.Value is YamlSequenceNode sequence ? sequence.Children : [entry.Value];
        List<SweepSetting> axis = [.. values.SelectMany(value => Settings(entry.Key, value))];
        if (entry.Value is YamlSequenceNode { Children.Count: 0 })
            Wrong(entry.KeyNode, entry.Key, "the list is empty: give at least one value");
        foreach (SweepSetting twice in axis.GroupBy(setting => setting.Value).SelectMany(same => same.Skip(1)))
            mistakes.Add(new SweepMistake(twice.Line, twice.Option, $"'{twice.Value}' is in the list twice"));
        return axis;
    }

    private IEnumerable<SweepSetting> Single((string Key, YamlNode KeyNode, YamlNode Value) entry)
    {
        if (Text(entry.Value, entry.Key) is { } text)
            yield return new SweepSetting(entry.Key, text, (int)entry.Value.Start.Line);
    }

    private IEnumerable<SweepSetting> Settings(string option, YamlNode value)
    {
        if (Text(value, option) is not { } text)
            return [];
        try
        {
            return [.. BraceExpansion.Expand(text).Select(one => new SweepSetting(option, one, (int)value.Start.Line))];
        }
        catch (DropoutLabException exception)
        {
            Wrong(value, option, exception.Message);
            return [];
        }
    }

    private void NoteOverridden(List<SweepSetting> recipe, List<SweepGrid> grids)
    {
        foreach (SweepSetting setting in recipe)
        {
            bool everywhere = grids.Count > 0 && grids.All(grid => grid.Axes.Any(axis => axis[0].Option == setting.Option));
            if (everywhere)
                mistakes.Add(new SweepMistake(setting.Line, setting.Option,
                    "every cell has a value of its own for it: take it out of the recipe"));
        }
    }

    private IEnumerable<(string Key, YamlNode KeyNode, YamlNode Value)> Entries(YamlNode? node, string parent)
    {
        if (node is null)
            yield break;
        if (node is not YamlMappingNode mapping)
        {
            Wrong(node, parent, parent == FileItself
                ? $"keys are needed here: {Keys}"
                : "options with values are needed here, as in 'epochs: 10'");
            yield break;
        }

        foreach ((YamlNode key, YamlNode value) in mapping.Children)
        {
            if (key is YamlScalarNode { Value.Length: > 0 } scalar)
                yield return (scalar.Value, key, value);
            else
                Wrong(key, parent, "a key must be a word");
        }
    }

    private IEnumerable<YamlNode> Items(YamlNode node, string key)
    {
        if (node is YamlSequenceNode sequence)
            return sequence.Children;
        Wrong(node, key, "a list is needed here: begin each cell with '-'");
        return [];
    }

    private string? Text(YamlNode node, string key)
    {
        if (node is YamlScalarNode { Value.Length: > 0 } scalar)
            return scalar.Value;
        Wrong(node, key,
            node is YamlScalarNode ? "a value is missing" : "one value is needed here; text with braces within [ ] needs quotes");
        return null;
    }

    private void Wrong(YamlNode node, string key, string reason) =>
        mistakes.Add(new SweepMistake((int)node.Start.Line, key, reason));
}

/// <summary>Lists in a text, as shells have them: standard:{0.3, 0.1} is standard:0.3 and standard:0.1.</summary>
internal static class BraceExpansion
{
    /// <summary>Every text that is meant; a text without braces is itself. Several lists make every combination.</summary>
    /// <exception cref="DropoutLabException">A brace has no partner, or a list has an empty item.</exception>
    public static IEnumerable<string> Expand(string text)
    {
        int open = text.IndexOf('{'), close = text.IndexOf('}');
        if (open < 0 && close < 0)
            return [text];
        if (open < 0 || close < open || text.IndexOf('{', open + 1) is var next && next >= 0 && next < close)
            throw new DropoutLabException($"'{text}' has a brace without its partner: write lists as in standard:{{0.3, 0.1}}");
        string[] items = text[(open + 1)..close].Split(',', StringSplitOptions.TrimEntries);
        if (items.Any(item => item.Length == 0))
            throw new DropoutLabException($"'{text}' has an empty item between its braces");
        string[] rests = [.. Expand(text[(close + 1)..])];
        return items.SelectMany(_ => rests, (item, rest) => text[..open] + item + rest);
    }
}
