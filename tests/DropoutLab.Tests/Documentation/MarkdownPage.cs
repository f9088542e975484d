using System.Text.RegularExpressions;

namespace DropoutLab.Tests.Documentation;

/// <summary>What the tests read out of a page of documentation.</summary>
internal static partial class MarkdownPage
{
    /// <summary>The lines of the first code block of a language.</summary>
    public static string[] CodeBlock(string text, string language)
    {
        string[][] blocks = [.. CodeBlocks(text, language)];
        Assert.True(blocks.Length > 0, $"there is no block of {language}");
        return blocks[0];
    }

    /// <summary>The lines of each code block of a language.</summary>
    public static IEnumerable<string[]> CodeBlocks(string text, string language)
    {
        string[] lines = text.Split('\n');
        for (int start = Next(0); start > 0; start = Next(start))
            yield return lines[start..Array.IndexOf(lines, "```", start)];

        int Next(int from) => Array.IndexOf(lines, $"```{language}", from) + 1;
    }

    /// <summary>From a heading of the second level to the next one.</summary>
    public static string Section(string text, string heading)
    {
        string[] parts = text.Split("\n## ");
        return Assert.Single(parts.Skip(1), part => part.StartsWith($"{heading}\n", StringComparison.Ordinal));
    }

    /// <summary>Headings as GitHub makes anchors of them.</summary>
    public static HashSet<string> Anchors(string text) =>
        [.. Heading().Matches(WithoutCode(text)).Select(match => Anchor(match.Groups[1].Value))];

    /// <summary>The targets of all links.</summary>
    public static IEnumerable<string> Links(string text) =>
        Link().Matches(WithoutCode(text)).Select(match => match.Groups[1].Value);

    private static string Anchor(string heading) =>
        NotInAnchors().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    private static string WithoutCode(string text) => Code().Replace(text, "");

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"[^\p{L}\p{N}\s_-]")]
    private static partial Regex NotInAnchors();
}
