using DropoutLab.Storage;

namespace DropoutLab.Experiments;

/// <summary>What the file system says of a file or a folder without opening it.</summary>
/// <param name="Written">When a file was written last, or an entry was made, renamed or deleted in a folder.</param>
/// <param name="Length">In bytes; 0 for a folder, −1 for what is not there, −2 for what may not be looked at.</param>
internal readonly record struct FileStamp(DateTime Written, long Length)
{
    /// <summary>
    /// File systems tell times by the tick of a clock, two seconds for the coarsest: two changes may have one time.
    /// </summary>
    private static readonly TimeSpan CoarsestTick = TimeSpan.FromSeconds(2);

    public bool IsThere => Length != -1;

    /// <summary>Whether a later change must show in the stamp.</summary>
    public bool IsSettled => Length < 0 || DateTime.UtcNow - Written > CoarsestTick;

    /// <param name="file">Names a file or a folder; it is looked at anew.</param>
    /// <exception cref="DropoutLabException">The file system does not say.</exception>
    public static FileStamp Of(FileInfo file)
    {
        try
        {
            file.Refresh();
            // Attributes of what is not there are −1, and asking for them does not throw.
            return (int)file.Attributes == -1 ? new FileStamp(default, -1)
                : new FileStamp(file.LastWriteTimeUtc, file.Attributes.HasFlag(FileAttributes.Directory) ? 0 : file.Length);
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw FileFailure.Reading(file.FullName, exception);
        }
    }

    /// <summary><see cref="Of"/>, with a stamp of its own for what the file system does not let one look at.</summary>
    public static FileStamp OfOrRefused(FileInfo file)
    {
        try
        {
            return Of(file);
        }
        catch (DropoutLabException)
        {
            return new FileStamp(default, -2);
        }
    }
}
