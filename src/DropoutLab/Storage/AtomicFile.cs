using System.Text;
using System.Text.RegularExpressions;

namespace DropoutLab.Storage;

/// <summary>
/// Writes a file whole or not at all: aside in the same folder, flushed to the disk, then renamed over the old one.
/// At every moment, whatever happens, the path holds the complete old content or the complete new one.
/// </summary>
public static partial class AtomicFile
{
    /// <summary>Replaces the file at <paramref name="path"/> by what <paramref name="write"/> writes.</summary>
    /// <param name="path">
    /// The file, whose folder must exist, or a link to it. What the system has in /dev and /proc, as /dev/stdout, is written to
    /// as it is.
    /// </param>
    /// <param name="write">Writes the content to the stream it is given, which it neither seeks nor closes.</param>
    /// <exception cref="DropoutLabException">
    /// The disk is full, the folder cannot be written or does not exist, or the path is a folder. The old file is as it was.
    /// </exception>
    /// <remarks>Other exceptions of <paramref name="write"/> pass through; the old file is as it was.</remarks>
    public static void Write(string path, Action<Stream> write) => FileFailure.WhileWriting(path, () =>
    {
        if (IsStandardOutput(path))
            WriteToStandardOutput(write);
        else if (IsOfTheSystem(Path.GetFullPath(path)) || IsOfTheSystem(TargetOf(path)))
            WriteStraight(path, write);
        else
            Replace(TargetOf(path), write);
    });

    /// <summary>Whether a path is what the program writes to where it says nothing else, such as /dev/stdout.</summary>
    public static bool IsStandardOutput(string path) =>
        OperatingSystem.IsLinux() && path is "/dev/stdout" or "/dev/fd/1" or "/proc/self/fd/1";

    /// <summary>Replaces the file at <paramref name="path"/> by <paramref name="text"/> in plain UTF-8.</summary>
    /// <inheritdoc cref="Write(string, Action{Stream})" path="/exception"/>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>
    /// Deletes what a killed process left aside in <paramref name="folder"/>. Only for who alone writes there: another
    /// process's file in the making looks the same.
    /// </summary>
    /// <exception cref="DropoutLabException">The folder cannot be read or a leftover cannot be deleted.</exception>
    public static void DeleteLeftovers(string folder)
    {
        FileFailure.WhileWriting(folder, () =>
        {
            foreach (string file in Directory.EnumerateFiles(folder).Where(file => AsideName().IsMatch(Path.GetFileName(file))))
                File.Delete(file);
        });
    }

    /// <summary>Whether a path is one of the system's own streams and devices, which a file must not take the place of.</summary>
    internal static bool IsOfTheSystem(string path) => OperatingSystem.IsLinux()
        && (path.StartsWith("/proc/", StringComparison.Ordinal)
            || (path.StartsWith("/dev/", StringComparison.Ordinal) && !path.StartsWith("/dev/shm/", StringComparison.Ordinal)));

    /// <summary>
    /// Opened by its name, a file that output goes to would be written from its beginning, over what is there. What nobody reads
    /// any more, as behind <c>| head</c>, is not missed.
    /// </summary>
    private static void WriteToStandardOutput(Action<Stream> write)
    {
        using Stream stream = Console.OpenStandardOutput();
        write(stream);
        stream.Flush();
    }

    private static void WriteStraight(string path, Action<Stream> write)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        write(stream);
    }

    private static void Replace(string target, Action<Stream> write)
    {
        string aside = Path.Combine(
            Path.GetDirectoryName(target) ?? target, $".{Path.GetFileName(target)}.{Guid.NewGuid():N}.tmp");
        void RemoveAside(object? sender, EventArgs arguments) => DeleteIfThere(aside);
        // A process that is ended while it writes runs no finally.
        AppDomain.CurrentDomain.ProcessExit += RemoveAside;
        try
        {
            WriteThrough(aside, write);
            File.Move(aside, target, overwrite: true);
        }
        finally
        {
            AppDomain.CurrentDomain.ProcessExit -= RemoveAside;
            DeleteIfThere(aside);
        }
    }

    private static string TargetOf(string path)
    {
        FileInfo file = new(Path.GetFullPath(path));
        return file.LinkTarget is null ? file.FullName : file.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
    }

    [GeneratedRegex(@"^\..+\.[0-9a-f]{32}\.tmp$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex AsideName();

    private static void WriteThrough(string path, Action<Stream> write)
    {
        using FileStream stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        write(stream);
        stream.Flush(flushToDisk: true);
    }

    private static void DeleteIfThere(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            // The failure that brought us here is the one to report.
        }
    }
}
