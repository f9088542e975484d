using System.Diagnostics;
using DropoutLab.Tests.Documentation;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Cli;

/// <summary>
/// ./dropoutlab itself, in a clone whose .NET, package manager and user are stand-ins that write down what they are asked for.
/// </summary>
public sealed class LauncherTests : IDisposable
{
    private const string Dotnet = """
        #!/bin/sh
        case $1 in
            --version) [ -n "$HOME" ] || { echo "There is no home." >&2; exit 1; }; echo 10.0.100 ;;
            --list-sdks) [ ! -d "${0%/*}/sdk" ] || echo "10.0.100 [${0%/*}/sdk]" ;;
            build)
                echo build >>"$CALLS"
                [ ! -e "$CALLS.broken" ] || { echo "Program.cs(1,1): error CS1002: ; expected"; echo "Build FAILED."; exit 1; }
                mkdir -p src/DropoutLab.Cli/bin/Release/net10.0 &&
                    echo built >src/DropoutLab.Cli/bin/Release/net10.0/DropoutLab.Cli.dll ;;
            *)
                [ -s "$1" ] || exit 9
                shift
                printf '<%s>' "$DROPOUTLAB_COMMAND" "$@"
                exit 7 ;;
        esac
        """;

    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder folder = new();

    private string Calls => folder["calls"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ItBuildsWhatHasChangedAndBecomesTheProgram()
    {
        RequireWhatItRunsOn();
        MakeClone();
        string source = folder["a clone", "src", "DropoutLab.Cli", "Program.cs"];

        FinishedProcess first = Start("info", "two words", "*", "");
        FinishedProcess second = Start("info");
        Assert.Equal(new FinishedProcess(7, $"<{folder["a clone", "dropoutlab"]}><info><two words><*><>", ""), first);
        Assert.Equal(7, second.ExitCode);
        Assert.Equal(1, Count("build"));

        File.SetLastWriteTimeUtc(source, DateTime.UtcNow);
        Start("info");
        Assert.Equal(2, Count("build"));

        File.Delete(source);
        Start("info");
        Start("info");
        Assert.Equal(3, Count("build"));
    }

    [Fact]
    public void ALinkToItWillDo()
    {
        RequireWhatItRunsOn();
        MakeClone();
        File.CreateSymbolicLink(folder["link"], folder["a clone", "dropoutlab"]);

        Assert.Equal(new FinishedProcess(7, $"<{folder["link"]}><info>", ""), StartFile(folder["link"], "info"));
    }

    [Fact]
    public void AFailedBuildIsShownAndTriedAgain()
    {
        RequireWhatItRunsOn();
        MakeClone();
        File.WriteAllText(Calls + ".broken", "");

        Assert.Equal(new FinishedProcess(1, "", "Program.cs(1,1): error CS1002: ; expected\ndropoutlab: the build failed\n"),
            Start("info"));

        File.Delete(Calls + ".broken");
        Assert.Equal(7, Start("info").ExitCode);
        Assert.Equal(2, Count("build"));
    }

    [Fact]
    public void WithoutAnSdkItSaysWhereToGetOne()
    {
        RequireWhatItRunsOn();
        Assert.SkipWhen(File.Exists("/usr/bin/dotnet") || File.Exists("/bin/dotnet"), "needs a machine without .NET in /usr/bin");
        MakeClone();
        Directory.Delete(folder["tools", "sdk"], recursive: true);
        File.Delete(folder["tools", "dotnet"]);

        FinishedProcess run = Start("info");

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("dropoutlab: the .NET 10 SDK is not installed: see https://dotnet.microsoft.com/", run.Error,
            StringComparison.Ordinal);
    }

    /// <summary>What the SDK itself says, where there is one: it is not to be installed then.</summary>
    [Fact]
    public void AnSdkThatDoesNotStartIsQuoted()
    {
        RequireWhatItRunsOn();
        MakeClone();

        Assert.Equal(new FinishedProcess(2, "", "dropoutlab: the .NET SDK does not start: There is no home.\n"),
            Start(("HOME", ""), "info"));
    }

    /// <summary>A failing package manager takes its time: it is asked once, and again when the user says so.</summary>
    [Fact]
    public void WhatCannotBeInstalledIsTriedAgainOnRequestAlone()
    {
        RequireWhatItRunsOn();
        Assert.SkipWhen(HasOneDnnOutsidePackages(), "needs a machine without oneDNN outside of packages");
        MakeClone();

        Assert.Contains("dropoutlab: oneDNN is not installed and cannot be from here (apt-get failed, see ", Start("train").Error,
            StringComparison.Ordinal);
        int calls = Count("apt-get");
        Assert.InRange(calls, 1, 10);
        Assert.Equal("", Start("train").Error);
        Assert.Equal("", Start("train", "--help").Error);
        Assert.Equal(calls, Count("apt-get"));

        FinishedProcess setup = Start("--setup");
        Assert.Equal(1, setup.ExitCode);
        Assert.InRange(Count("apt-get"), calls + 1, 10 * calls);
    }

    [Fact]
    public void NothingIsInstalledWhereThatIsForbidden()
    {
        RequireWhatItRunsOn();
        MakeClone();

        Assert.Equal(new FinishedProcess(7, $"<{folder["a clone", "dropoutlab"]}><train>", ""),
            Start(("DROPOUTLAB_NO_INSTALL", "1"), "train"));
        Assert.Equal(
            new FinishedProcess(2, "", "dropoutlab: nothing is installed while DROPOUTLAB_NO_INSTALL is 1\n"),
            Start(("DROPOUTLAB_NO_INSTALL", "1"), "--setup"));
        Assert.Equal(0, Count("apt-get"));
    }

    private static void RequireWhatItRunsOn()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Unix");
        SourceTree.Require();
    }

    /// <summary>In a folder that the stand-ins cannot hide.</summary>
    private static bool HasOneDnnOutsidePackages() =>
        Directory.EnumerateFiles("/usr/lib", "libdnnl.so*").Any()
        || Directory.EnumerateFiles("/usr/local/lib", "libdnnl.*").Any();

    private void MakeClone()
    {
        foreach (string file in (string[])["dropoutlab", "scripts/common.sh", "scripts/setup.sh", "scripts/build.sh",
            "global.json", "Directory.Build.props"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder["a clone", file])!);
            File.Copy(SourceTree.PathOf(file), folder["a clone", file]);
        }

        folder.Make("a clone/src/DropoutLab.Cli/Program.cs", "one"u8);
        Directory.CreateDirectory(folder["tools", "sdk", "10.0.100"]);
        MakeTool("dotnet", Dotnet);
        MakeTool("apt-get", "#!/bin/sh\necho apt-get >>\"$CALLS\"\nexit 100\n");
        MakeTool("id", "#!/bin/sh\necho 0\n");
        MakeTool("ldconfig", "#!/bin/sh\n");
    }

    private void MakeTool(string name, string script)
    {
        string path = folder.Make($"tools/{name}", System.Text.Encoding.UTF8.GetBytes(script));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private int Count(string call) => File.Exists(Calls) ? File.ReadAllLines(Calls).Count(line => line == call) : 0;

    private FinishedProcess Start(params IReadOnlyList<string> arguments) =>
        StartFile(folder["a clone", "dropoutlab"], arguments);

    private FinishedProcess Start((string Name, string Value) variable, params IReadOnlyList<string> arguments) =>
        StartFile(folder["a clone", "dropoutlab"], arguments, variable);

    private FinishedProcess StartFile(string file, params IReadOnlyList<string> arguments) =>
        StartFile(file, arguments, ("CALLS", Calls));

    private FinishedProcess StartFile(string file, IReadOnlyList<string> arguments, (string Name, string Value) variable)
    {
        ProcessStartInfo start = new("/bin/sh", [file, .. arguments])
        {
            WorkingDirectory = folder.Root,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = $"{folder["tools"]}:/usr/bin:/bin";
        start.Environment["CALLS"] = Calls;
        start.Environment["HOME"] = folder.Root;
        start.Environment[variable.Name] = variable.Value;
        return FinishedProcess.Run(start, LongestRun);
    }
}
