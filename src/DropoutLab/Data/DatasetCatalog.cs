using DropoutLab.Data.Images;

namespace DropoutLab.Data;

/// <summary>The data sets known by name: finding them, downloading them, loading them.</summary>
public static class DatasetCatalog
{
    /// <summary>Every data set, in the order in which to list them.</summary>
    public static IReadOnlyList<DatasetSource> Sources { get; } =
        [new Cifar10(), Cifar100.Fine(), Cifar100.Coarse(), new FashionMnist(), Svhn.Standard(), Svhn.WithExtra()];

    /// <summary>The data set with this name on the command line.</summary>
    /// <exception cref="DropoutLabException">There is no such data set.</exception>
    public static DatasetSource Find(string name)
    {
        string[] names = [.. Sources.Select(source => source.Name)];
        int index = Array.IndexOf(names, name);
        return index >= 0 ? Sources[index]
            : throw new DropoutLabException(
                $"there is no data set '{name}': choose {string.Join(", ", names[..^1])} or {names[^1]}",
                SettingName.Dataset, name);
    }

    /// <summary>The folder or archive in which the whole data set lies, or null where it is not at hand.</summary>
    /// <param name="name">The data set's name on the command line.</param>
    /// <param name="dataDirectory">The folder that the user named, or null (see <see cref="DataDirectory"/>).</param>
    /// <exception cref="DropoutLabException">There is no such data set, or a file is in the folder's place.</exception>
    public static string? Locate(string name, string? dataDirectory) => Find(name).Locate(DataDirectory.Resolve(dataDirectory));

    /// <summary>Downloads the data set where it is not at hand, and returns where it lies. Blocks until then.</summary>
    /// <param name="name">The data set's name on the command line.</param>
    /// <param name="dataDirectory">The folder that the user named, or null (see <see cref="DataDirectory"/>).</param>
    /// <param name="progress">Is told how far each file's download is.</param>
    /// <param name="cancellation">Ends a download; the next one goes on where it was.</param>
    /// <exception cref="DropoutLabException">
    /// There is no such data set, it cannot be downloaded or written; the message says which file to put where.
    /// </exception>
    /// <exception cref="OperationCanceledException">The download was cancelled.</exception>
    public static string Fetch(
        string name,
        string? dataDirectory,
        IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        using Downloader downloader = new Downloader(new SocketsHttpHandler { ConnectTimeout = Downloader.LongestSilence });
        return FetchAsync(Find(name), DataDirectory.Resolve(dataDirectory), downloader, progress, cancellation)
            .GetAwaiter().GetResult();
    }

    /// <summary>
    /// Loads the data set into memory, as <see cref="Load"/> does, but downloads anew what of it is damaged and not as its
    /// authors' checksum says. Blocks until then.
    /// </summary>
    /// <inheritdoc cref="Fetch" path="/param"/>
    /// <exception cref="DropoutLabException">As for <see cref="Load"/>; but only if the damaged file has no checksum.</exception>
    /// <exception cref="OperationCanceledException">The download was cancelled.</exception>
    public static ImageDataset Repair(
        string name,
        string? dataDirectory,
        IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        using Downloader downloader = new Downloader(new SocketsHttpHandler { ConnectTimeout = Downloader.LongestSilence });
        return RepairAsync(Find(name), DataDirectory.Resolve(dataDirectory), downloader, progress, cancellation)
            .GetAwaiter().GetResult();
    }

    /// <summary>Loads the data set into memory, and downloads it before where it is not at hand. Blocks until then.</summary>
    /// <inheritdoc cref="Fetch" path="/param"/>
    /// <exception cref="DropoutLabException">As for <see cref="Fetch"/>; or a file is truncated, damaged or foreign.</exception>
    /// <exception cref="OperationCanceledException">The download was cancelled.</exception>
    public static ImageDataset Load(
        string name,
        string? dataDirectory,
        IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellation = default) =>
        Find(name).Read(Fetch(name, dataDirectory, progress, cancellation));

    internal static async Task<ImageDataset> RepairAsync(
        DatasetSource source,
        string dataDirectory,
        Downloader downloader,
        IProgress<DownloadProgress>? progress,
        CancellationToken cancellation)
    {
        HashSet<string> replaced = [];
        while (true)
        {
            string location = await FetchAsync(source, dataDirectory, downloader, progress, cancellation).ConfigureAwait(false);
            try
            {
                return source.Read(location);
            }
            catch (DropoutLabException exception) when (exception.DamagedFile is { } path && replaced.Add(path))
            {
                string folder = Path.GetDirectoryName(path)!;
                // What is the user's is no package's.
                bool isTheUsers = folder == dataDirectory || folder == source.DownloadDirectory(dataDirectory);
                RemoteFile? published = source.Downloads.FirstOrDefault(
                    file => isTheUsers && file.Name == Path.GetFileName(path));
                if (published is null || await RemoteFile.Md5OfAsync(path, cancellation).ConfigureAwait(false) == published.Md5)
                    throw;
                await downloader.ReplaceAsync(published, folder, progress, cancellation).ConfigureAwait(false);
            }
        }
    }

    internal static async Task<string> FetchAsync(
        DatasetSource source,
        string dataDirectory,
        Downloader downloader,
        IProgress<DownloadProgress>? progress,
        CancellationToken cancellation)
    {
        if (source.Locate(dataDirectory) is { } atHand)
            return atHand;
        string target = source.DownloadDirectory(dataDirectory);
        foreach (RemoteFile file in source.Downloads)
            await downloader.FetchAsync(file, target, progress, cancellation).ConfigureAwait(false);
        return source.Locate(dataDirectory)
            ?? throw new DropoutLabException(
                $"{source.Title} is not in {dataDirectory} although it was downloaded: is another process at work there?");
    }
}
