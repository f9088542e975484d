using System.CommandLine;

namespace DropoutLab.Cli.Options;

/// <summary>The option that names the folder for what a command makes.</summary>
internal static class OutputFolder
{
    public static Option<string?> Option(string description, string standard) =>
        CommandOption.Create<string>("--out", "DIR", description, standard, Read);

    private static string Read(string text) => File.Exists(text)
        ? throw new DropoutLabException($"{text} is a file, a folder is needed")
        : CommandOption.Path(text);
}
