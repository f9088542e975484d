using System.CommandLine;

namespace DropoutLab.Cli.Options;

/// <summary>The option that names the file that a command writes.</summary>
internal static class OutputFile
{
    public static Option<string?> Option(string description, string standard) =>
        CommandOption.Create<string>("--out", "FILE", description, standard, Read);

    private static string Read(string text) => Directory.Exists(text)
        ? throw new DropoutLabException($"{text} is a folder, a file is needed")
        : CommandOption.Path(text);
}
