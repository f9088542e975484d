using System.Diagnostics;
using DropoutLab.Tests.Cli;

namespace DropoutLab.Tests.Auditing;

/// <summary>A Python with numpy. Where there is none, its tests are skipped.</summary>
internal static class NumpyPython
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(3);

    // The first python3 on the PATH may be one without numpy, beside the system's.
    private static readonly Lazy<string?> Interpreter = new(
        () => new[] { "python3", "/usr/bin/python3" }.FirstOrDefault(HasNumpy));

    public static void Require() => Assert.SkipWhen(Interpreter.Value is null, "needs python3 with numpy");

    /// <summary>Runs a script; returns its exit code and all that it wrote.</summary>
    public static (int ExitCode, string Output) Run(params IReadOnlyList<string> arguments) => Run(Interpreter.Value!, arguments);

    private static bool HasNumpy(string interpreter)
    {
        try
        {
            return Run(interpreter, ["-c", "import numpy"]).ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // There is no such program.
        }
    }

    private static (int ExitCode, string Output) Run(string interpreter, IReadOnlyList<string> arguments)
    {
        FinishedProcess finished = FinishedProcess.Run(new ProcessStartInfo(interpreter, arguments), LongestRun);
        return (finished.ExitCode, finished.Output + finished.Error);
    }
}
