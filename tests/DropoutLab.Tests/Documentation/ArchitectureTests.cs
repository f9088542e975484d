using System.Reflection;
using System.Text.RegularExpressions;
using DropoutLab.Cli;
using DropoutLab.Dashboard.Shared;
using DropoutLab.Graph;

namespace DropoutLab.Tests.Documentation;

/// <summary>
/// Arrows between the folders of the sources point one way only, as in docs/architecture.md: a folder knows those that stand in
/// its line of the table, all of them above it or beside.
/// </summary>
/// <remarks>
/// A reference is the name of a folder's namespace, in a using directive or before a type's name. No type can be named from
/// another namespace without one or the other.
/// </remarks>
public sealed partial class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Random"] = [],
        ["Storage"] = [],
        ["Collectives"] = [],
        ["Dropout"] = ["Random"],
        ["Graph"] = ["Dropout"],
        ["Layers"] = ["Graph", "Dropout"],
        ["Models"] = ["Layers", "Graph", "Dropout"],
        ["Objectives"] = ["Models", "Graph"],
        ["Optimization"] = [],
        ["Backends"] = ["Collectives", "Optimization", "Graph", "Dropout", "Random"],
        ["Data"] = ["Objectives", "Models", "Backends", "Graph", "Random", "Storage"],
        ["Training"] =
        [
            "Data", "Objectives", "Optimization", "Models", "Layers", "Backends", "Collectives", "Graph", "Dropout", "Random",
        ],
        ["Recipes"] = ["Training", "Data", "Objectives", "Optimization", "Models", "Backends", "Graph", "Dropout"],
        ["Runs"] = ["Exchange", "Recipes", "Training", "Data", "Objectives", "Optimization", "Models", "Backends", "Graph",
            "Collectives", "Dropout", "Storage"],
        ["Exchange"] = ["Data", "Models", "Layers", "Backends", "Graph", "Dropout", "Storage"],
        ["Classification"] = ["Exchange", "Runs", "Training", "Data", "Objectives", "Models", "Backends", "Graph", "Dropout"],
        ["Sentences"] = ["Exchange", "Runs", "Training", "Data", "Models", "Backends", "Graph", "Dropout"],
        ["Experiments"] = ["Runs", "Recipes", "Training", "Models", "Dropout", "Storage"],
        ["Auditing"] = ["Objectives", "Models", "Layers", "Graph", "Dropout", "Random", "Backends", "Storage"],
        ["Explanations"] = ["Auditing", "Models", "Layers", "Graph", "Dropout", "Random", "Backends"],
        ["Verification"] = ["Auditing", "Objectives", "Models", "Graph", "Dropout", "Random", "Backends"],
        ["Dashboard"] = ["Explanations", "Auditing", "Experiments", "Runs", "Training", "Dropout"],
        ["Cli"] =
        [
            "Dashboard", "Explanations", "Verification", "Auditing", "Experiments", "Classification", "Sentences",
            "Runs", "Recipes", "Training", "Data", "Objectives", "Optimization", "Models", "Dropout", "Backends", "Collectives",
            "Storage",
        ],
    };

    [Fact]
    public void ReferencesPointOneWayOnly()
    {
        SourceTree.Require();
        foreach ((string file, string folder) in Sources())
        {
            foreach (string reference in References(File.ReadAllText(file)).Where(reference => reference != folder))
                Assert.True(Allowed[folder].Contains(reference), $"{file}: {folder} must not know {reference}");
        }
    }

    [Fact]
    public void AFolderIsANamespace()
    {
        SourceTree.Require();
        foreach ((string file, _) in Sources())
        {
            string folder = Path.GetRelativePath(SourceTree.PathOf("src"), Path.GetDirectoryName(file)!);
            string expected = $"namespace {folder.Replace(Path.DirectorySeparatorChar, '.')};";
            Assert.True(File.ReadLines(file).Contains(expected) || Path.GetFileName(file) == "Program.cs", $"{file}: {expected}");
        }
    }

    /// <summary>One name a thing: no two types of the library, the command and the pages are called the same.</summary>
    [Fact]
    public void ANameIsOneTypes()
    {
        IEnumerable<string> twice =
            from assembly in (Assembly[])[typeof(Shape).Assembly, typeof(CommandLineApplication).Assembly,
                typeof(StaticPage).Assembly]
            from type in assembly.GetTypes()
            where !type.IsNested && type.Name != "_Imports"
                && type.Namespace?.StartsWith(nameof(DropoutLab), StringComparison.Ordinal) == true
            group type by type.Name into same
            where same.Count() > 1
            select string.Join(" and ", same);

        Assert.Equal("", string.Join("; ", twice));
    }

    /// <summary>
    /// Every source file but those that are in no folder, with its folder: the library's first one, Cli or Dashboard.
    /// </summary>
    private static IEnumerable<(string File, string Folder)> Sources()
    {
        foreach (string file in SourceTree.Files("src", "*.cs"))
        {
            string[] parts = Path.GetRelativePath(SourceTree.PathOf("src"), file).Split(Path.DirectorySeparatorChar);
            if (parts[0] is "DropoutLab.Cli" or "DropoutLab.Dashboard")
                yield return (file, parts[0].Split('.')[1]);
            else if (parts.Length > 2)
                yield return (file, parts[1]);
        }
    }

    private static IEnumerable<string> References(string source) =>
        Reference().Matches(source).Select(match => match.Groups[1].Value).Where(Allowed.ContainsKey).Distinct();

    /// <summary>A folder's name after "DropoutLab.", or at the beginning of a qualified name.</summary>
    [GeneratedRegex(@"(?:\bDropoutLab\.|(?<![\w.])(?=\w+\.[A-Z]))([A-Z]\w+)")]
    private static partial Regex Reference();
}
