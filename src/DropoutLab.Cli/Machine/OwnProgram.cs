using System.Diagnostics;

namespace DropoutLab.Cli.Machine;

/// <summary>This program, to be started once more.</summary>
internal static class OwnProgram
{
    private const string Name = "DropoutLab.Cli";

    /// <summary>
    /// A process of it with some arguments: on the same .NET if it was started by the command dotnet, else as an executable.
    /// </summary>
    public static ProcessStartInfo Start(params IEnumerable<string> arguments)
    {
        bool byDotnet = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet";
        string program = Path.Combine(AppContext.BaseDirectory, Name);
        return byDotnet
            ? new ProcessStartInfo(Environment.ProcessPath!, [$"{program}.dll", .. arguments])
            : new ProcessStartInfo(OperatingSystem.IsWindows() ? $"{program}.exe" : program, arguments);
    }
}
