namespace DropoutLab.Experiments;

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
