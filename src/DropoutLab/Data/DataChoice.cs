using DropoutLab.Data.Images;

namespace DropoutLab.Data;

/// <summary>Which data: a published set, or pictures in a folder, or a table.</summary>
/// <param name="Dataset">A name in the catalogue, or folder:DIR, table:FILE.csv, table:DIR.</param>
/// <param name="ImageSize">The side of a folder's pictures; null for the usual, and of other data.</param>
/// <param name="Target">The column of a table that is predicted; null of other data.</param>
/// <param name="IsClass">Whether a class is predicted; else a number.</param>
public sealed record DataChoice(string Dataset, int? ImageSize, string? Target, bool IsClass)
{
    /// <summary>What the names of folders of pictures begin with.</summary>
    public const string FolderPrefix = "folder:";

    /// <summary>What the names of tables begin with.</summary>
    public const string TablePrefix = "table:";

    /// <summary>Whether it is no published set.</summary>
    public static bool IsOwn(string dataset) =>
        PathAfter(FolderPrefix, dataset) is not null || PathAfter(TablePrefix, dataset) is not null;

    /// <summary>
    /// A data set's name as runs have it: of one's own with the whole path, so that it is found from any folder.
    /// </summary>
    /// <exception cref="DropoutLabException">There is no such data set.</exception>
    public static string FullName(string dataset) =>
        PathAfter(FolderPrefix, dataset) is { } folder ? FolderPrefix + Path.GetFullPath(folder)
        : PathAfter(TablePrefix, dataset) is { } table ? TablePrefix + Path.GetFullPath(table)
        : DatasetCatalog.Sources.Any(source => source.Name == dataset) ? dataset
        : throw new DropoutLabException(
            $"there is no data set '{dataset}': choose "
                + string.Join(", ", DatasetCatalog.Sources.Select(source => source.Name))
                + $", or one's own, {FolderPrefix}DIR or {TablePrefix}FILE.csv", SettingName.Dataset, dataset);

    /// <summary>A data set's name for titles and folders: of one's own, the last part of the path.</summary>
    public static string ShortName(string dataset) =>
        Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(dataset));

    /// <summary>What is known of the data without reading pictures; of a table, that takes its file.</summary>
    /// <exception cref="DropoutLabException">There are no such data, or the choice has what is for others.</exception>
    public DatasetDescription Describe() =>
        OpenFolder()?.Describe() ?? OpenTable()?.Describe() ?? DatasetCatalog.Find(Dataset).Description;

    /// <summary>The folder of pictures; null of other data.</summary>
    public ImageFolder? OpenFolder()
    {
        if (PathAfter(FolderPrefix, Dataset) is { } path)
            return new ImageFolder(path, ImageSize ?? ImageFolder.UsualImageSize);
        return ImageSize is { } size
            ? throw new DropoutLabException(
                $"{Dataset} has one size: another is for pictures, {FolderPrefix}DIR", SettingName.ImageSize, size)
            : null;
    }

    /// <summary>The table; null of other data.</summary>
    public TableFile? OpenTable()
    {
        if (PathAfter(TablePrefix, Dataset) is { } path)
        {
            return new TableFile(
                path,
                Target ?? throw new DropoutLabException(
                    $"{Dataset} needs a target, the name of the column to predict", SettingName.Target, ""),
                IsClass);
        }

        return Target is null
            ? null
            : throw new DropoutLabException(
                $"{Dataset} has no columns: a target is for {TablePrefix}FILE.csv", SettingName.Target, Target);
    }

    private static string? PathAfter(string prefix, string dataset) =>
        dataset.StartsWith(prefix, StringComparison.Ordinal) ? dataset[prefix.Length..] : null;
}
