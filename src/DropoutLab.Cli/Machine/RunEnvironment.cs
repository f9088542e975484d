using System.Runtime.InteropServices;
using DropoutLab.Backends;

namespace DropoutLab.Cli.Machine;

/// <summary>What a result was got with, for those who compare it with another.</summary>
internal static class RunEnvironment
{
    /// <summary>DropoutLab's version.</summary>
    public static string Version => LibraryVersion.Text;

    /// <summary>Versions and processor, by name.</summary>
    public static IReadOnlyDictionary<string, string> Describe(Backend backend) => new Dictionary<string, string>
    {
        ["dropoutlab"] = Version,
        ["backend"] = backend.Description,
        ["processor"] = ProcessorInformation.Name,
        ["dotnet"] = Environment.Version.ToString(),
        ["os"] = RuntimeInformation.OSDescription,
    };
}
