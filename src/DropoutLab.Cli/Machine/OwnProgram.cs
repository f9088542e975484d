using System.Diagnostics;

namespace DropoutLab.Cli.Machine;

/// <summary>This program, to be started once more.</summary>
internal static class OwnProgram
{
    private const string Name = "DropoutLab.Cli";

    /// <summary>
    /// A process of it with some arguments: on the same .NET if it was started by the command dotnet, else as an executable,
    /// which lies beside the program or, of an installed tool, elsewhere.
    /// </summary>
    public static ProcessStartInfo Start(params IEnumerable<string> arguments)
    {
        string[] words = Words(arguments);
        return new ProcessStartInfo(words[0], words[1..]);
    }

    /// <summary>The same as words of a command line.</summary>
    public static string[] Words(params IEnumerable<string> arguments)
    {
        string running = Environment.ProcessPath!, program = Path.Combine(AppContext.BaseDirectory, Name);
        if (Path.GetFileNameWithoutExtension(running) == "dotnet")
            return [running, $"{program}.dll", .. arguments];
        string beside = OperatingSystem.IsWindows() ? $"{program}.exe" : program;
        return [File.Exists(beside) ? beside : running, .. arguments];
    }
}
