using System.Diagnostics;
using DropoutLab.Tests.Cli;

namespace DropoutLab.Tests.Documentation;

/// <summary>The SDK's own command, of the .NET that the tests run on, in a folder and with a cache of packages there.</summary>
internal sealed class DotnetCommand(string folder)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(3);

    // The runtime's folder is shared/Microsoft.NETCore.App/VERSION below the command's.
    private static readonly string Dotnet = Path.GetFullPath(
        Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..", "dotnet"));

    /// <summary>Where packages are taken from, if not from the user's cache.</summary>
    public string? PackageCache { get; init; }

    /// <summary>What it writes; the test fails unless it ends well.</summary>
    public string Run(params IReadOnlyList<string> arguments) => Run(Dotnet, arguments);

    /// <summary>The same of another program, such as a tool that it has installed.</summary>
    public string Run(string program, IReadOnlyList<string> arguments)
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = folder };
        (string Name, string Value)[] alone = // nothing is left running that would hold the output open
            [("MSBUILDDISABLENODEREUSE", "1"), ("UseSharedCompilation", "false"), ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"),
                ("DOTNET_NOLOGO", "1"), ("DOTNET_ROOT", Path.GetDirectoryName(Dotnet)!),
                ("DOTNET_PROCESSOR_COUNT", "1")]; // beside other tests two threads wait for each other at every kernel
        foreach ((string name, string value) in alone)
            start.Environment[name] = value;
        if (PackageCache is not null)
            start.Environment["NUGET_PACKAGES"] = PackageCache;
        FinishedProcess done = FinishedProcess.Run(start, LongestWait);
        Assert.True(done.ExitCode == 0, $"{program} {string.Join(' ', arguments)}:\n{done.Output}{done.Error}");
        return done.Output;
    }
}
