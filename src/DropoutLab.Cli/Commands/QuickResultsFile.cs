using DropoutLab.Cli.Display;
using DropoutLab.Storage;

namespace DropoutLab.Cli.Commands;

/// <summary>The file of a quick reproduction's results: there when all are, and never before.</summary>
internal sealed class QuickResultsFile
{
    private const string ProbeName = ".writable";

    private QuickResultsFile(string path) => Path = path;

    public string Path { get; }

    /// <summary>Makes the folder, and finds out before the work whether it can be written.</summary>
    /// <exception cref="DropoutLabException">It cannot be made, or holds results already.</exception>
    public static QuickResultsFile Create(string folder)
    {
        string path = System.IO.Path.Combine(folder, QuickResults.FileName);
        if (File.Exists(path))
            throw new DropoutLabException($"{path} is there already: choose another --out");
        try
        {
            Directory.CreateDirectory(folder);
            using FileStream probe = new(System.IO.Path.Combine(folder, ProbeName), FileMode.Create, FileAccess.Write,
                FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DropoutLabException(
                $"--out: {folder} cannot be written: {exception.Message.ReplaceLineEndings(" ")}", exception);
        }

        return new QuickResultsFile(path);
    }

    public void Write(QuickResults results) => AtomicFile.WriteText(Path, JsonOutput.Text(results));
}
