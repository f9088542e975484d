namespace DropoutLab.Tests.Documentation;

public sealed class LinkTests
{
    [Fact]
    public void EveryLinkWithinTheRepositoryLeadsSomewhere()
    {
        SourceTree.Require();
        string[] pages = [.. SourceTree.Files(".", "*.md")];
        Assert.Contains(SourceTree.PathOf(".", "README.md"), pages);

        foreach (string page in pages)
        {
            foreach (string link in MarkdownPage.Links(File.ReadAllText(page)).Where(IsWithinTheRepository))
                Assert.True(LeadsSomewhere(page, link), $"{page}: {link}");
        }
    }

    private static bool IsWithinTheRepository(string link) => !link.Contains("://", StringComparison.Ordinal);

    private static bool LeadsSomewhere(string page, string link)
    {
        string[] parts = link.Split('#', 2);
        string target = parts[0].Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, parts[0]);
        return parts.Length == 1
            ? Path.Exists(target)
            : File.Exists(target) && MarkdownPage.Anchors(File.ReadAllText(target)).Contains(parts[1]);
    }
}
