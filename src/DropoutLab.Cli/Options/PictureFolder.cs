using System.CommandLine;
using DropoutLab.Storage;

namespace DropoutLab.Cli.Options;

/// <summary>The option that names the folder for a page's pictures.</summary>
internal static class PictureFolder
{
    public static Option<string?> Option() => CommandOption.Create<string>(
        "--svg", "DIR", "Folder for the page's pictures as SVG files", "none are written", Read);

    /// <summary>Writes pictures into a folder, which is made if it is not there.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="files">Contents by names.</param>
    public static void Write(string folder, IReadOnlyDictionary<string, string> files)
    {
        Make(folder);
        foreach ((string name, string content) in files)
            AtomicFile.WriteText(Path.Combine(folder, name), content);
    }

    private static void Make(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DropoutLabException($"the folder {folder} cannot be made: {exception.Message}");
        }
    }

    private static string Read(string text) => File.Exists(text)
        ? throw new DropoutLabException($"{text} is a file, a folder is needed")
        : CommandOption.Path(text);
}
