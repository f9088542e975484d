using Quickenshtein;

namespace DropoutLab.Storage;

/// <summary>
/// What a folder is that lacks the file that it was named for: its name may be mistyped, or that of the folder above.
/// </summary>
internal static class FolderContents
{
    private const int MostNames = 3;

    /// <summary>One line, as in "there is no such folder; runs has typo, resnet20 and 3 more".</summary>
    /// <param name="folder">There or not.</param>
    /// <param name="file">The name of the file that is not in it.</param>
    public static string Instead(string folder, string file)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        try
        {
            return Directory.Exists(full) ? OfFolder(full, file) : $"there is no such folder{Near(full, file)}";
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            return $"it holds no {file} that can be read";
        }
    }

    private static string OfFolder(string folder, string file)
    {
        string[] below = [.. Holding(folder, file)];
        string[] names =
            [.. Directory.GetFileSystemEntries(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        return $"it holds no {file}, " + (below.Length > 0 ? $"but {List(below)} below it {(below.Length == 1 ? "does" : "do")}"
            : names.Length > 0 ? $"only {List(names)}"
            : "it is empty");
    }

    private static string Near(string folder, string file)
    {
        string parent = Path.GetDirectoryName(folder)!, name = Path.GetFileName(folder);
        string[] others = Directory.Exists(parent)
            ? [.. Holding(parent, file).OrderBy(other => Levenshtein.GetDistance(other, name))]
            : [];
        return others.Length > 0 ? $"; beside it there is {List(others)}" : "";
    }

    private static IEnumerable<string> Holding(string folder, string file) => Directory.GetDirectories(folder)
        .Where(inner => File.Exists(Path.Combine(inner, file)))
        .Select(inner => Path.GetFileName(inner)).Order(StringComparer.Ordinal);

    private static string List(string[] names) => names.Length <= MostNames
        ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(MostNames))} and {names.Length - MostNames} more";
}
