using System.Runtime.CompilerServices;

namespace DropoutLab.Tests.Documentation;

/// <summary>
/// The repository that these tests were built from. Where only the built tests are, its tests are skipped.
/// </summary>
internal static class SourceTree
{
    private const string Solution = "DropoutLab.slnx";

    private static readonly string? Root = Above(AppContext.BaseDirectory) ?? Above(ThisFile());

    public static void Require() => Assert.SkipWhen(Root is null, "needs the repository");

    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root!, .. parts]);

    public static string Read(params ReadOnlySpan<string> parts) => File.ReadAllText(PathOf(parts));

    /// <summary>A sample's lines, and those of the body of its method Run, as they stand in a program.</summary>
    public static (string[] File, string[] Body) Sample(string name)
    {
        const string Indentation = "        ";
        string[] file = Read("tests", "DropoutLab.Tests", "Documentation", name).Split('\n');
        int run = Array.FindIndex(file, line => line.Contains(" Run(", StringComparison.Ordinal));
        int start = Array.IndexOf(file, "    {", run) + 1;
        string[] body = file[start..Array.IndexOf(file, "    }", start)];
        Assert.All(body, line => Assert.StartsWith(Indentation, line, StringComparison.Ordinal));
        return (file, [.. body.Select(line => line[Indentation.Length..])]);
    }

    /// <summary>Files of a kind below a folder, without what is built, hidden or written by runs.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(PathOf(folder), pattern, SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(Root!, file).Split(Path.DirectorySeparatorChar)
                .Any(part => part is "bin" or "obj" or "artifacts" or "runs" || part.StartsWith('.')));

    private static string? Above(string path)
    {
        DirectoryInfo? folder = new(path);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, Solution)))
            folder = folder.Parent;
        return folder?.FullName;
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
