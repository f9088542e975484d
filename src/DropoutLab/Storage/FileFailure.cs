namespace DropoutLab.Storage;

/// <summary>Turns what the file system reports into one line that names the file and the reason.</summary>
internal static class FileFailure
{
    private const int NoSpaceOnUnix = 28; // ENOSPC, the same number on Linux, macOS and the BSDs
    private const int NoSpaceOnWindows = unchecked((int)0x80070070); // ERROR_DISK_FULL

    public static bool Is(Exception exception) => exception is IOException or UnauthorizedAccessException;

    /// <summary>Does what writes a file or folder.</summary>
    /// <exception cref="DropoutLabException">It cannot be written.</exception>
    public static void WhileWriting(string path, Action work)
    {
        try
        {
            work();
        }
        catch (Exception exception) when (Is(exception))
        {
            throw Writing(path, exception);
        }
    }

    public static DropoutLabException Reading(string path, Exception cause) =>
        new($"{path} cannot be read: {Reason(path, cause)}", cause);

    public static DropoutLabException Writing(string path, Exception cause) =>
        new(
            $"{path} cannot be written: "
                + (cause is FileNotFoundException ? "nothing can be made there, choose another folder" : Reason(path, cause)),
            cause);

    private static string Reason(string path, Exception cause) => cause switch
    {
        FileNotFoundException => "there is no such file",
        DirectoryNotFoundException => "its folder does not exist",
        UnauthorizedAccessException when Directory.Exists(path) => "it is a folder, a file is needed",
        UnauthorizedAccessException => "access is denied, choose another folder or change its permissions",
        IOException { HResult: NoSpaceOnUnix or NoSpaceOnWindows } =>
            "the disk is full, free some space or choose another folder",
        _ => cause.Message.ReplaceLineEndings(" "),
    };
}
