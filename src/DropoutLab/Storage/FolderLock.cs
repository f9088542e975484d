namespace DropoutLab.Storage;

/// <summary>
/// A folder that one process alone works in: two would destroy each other's work. The lock goes with its process, however that
/// ends.
/// </summary>
internal static class FolderLock
{
    public const string FileName = ".lock";

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Makes the folder if it is not there, and takes it until the result is disposed of.</summary>
    /// <exception cref="DropoutLabException">Another process works in it, or it cannot be written.</exception>
    public static FileStream Take(string folder)
    {
        FileFailure.WhileWriting(folder, () => Directory.CreateDirectory(folder));
        string path = Path.Combine(folder, FileName);
        try
        {
            return new FileStream(
                path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException exception) when (File.Exists(path))
        {
            throw new DropoutLabException(
                $"{folder} is in use by another process; wait for it, or choose another folder", exception);
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw FileFailure.Writing(folder, exception);
        }
    }

    /// <summary><see cref="Take(string)"/>, after waiting for a process that is about to end.</summary>
    /// <exception cref="DropoutLabException">
    /// It did not within <paramref name="patience"/>, or the folder cannot be written.
    /// </exception>
    public static FileStream Take(string folder, TimeSpan patience)
    {
        DateTime end = DateTime.UtcNow + patience;
        while (true)
        {
            try
            {
                return Take(folder);
            }
            catch (DropoutLabException) when (File.Exists(Path.Combine(folder, FileName)) && DateTime.UtcNow < end)
            {
                Thread.Sleep(PollInterval);
            }
        }
    }

    /// <summary>Whether a process works in the folder now; looking may keep another from starting for a moment.</summary>
    public static bool IsTaken(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return false;
        try
        {
            using FileStream look = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (IOException)
        {
            return File.Exists(path);
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
    }
}
