using System.Diagnostics;
using System.Runtime.InteropServices;

namespace DropoutLab.Tests.Cli;

/// <summary>The built command in a process of its own. It ends with its test, however that ends.</summary>
internal sealed partial class ChildProgram : IDisposable
{
    /// <summary>For anything that it is to do.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    private const int Terminated = 15; // SIGTERM: who starts tests in the background may have them ignore SIGINT

    private readonly Process process;

    private ChildProgram(Process process) => this.process = process;

    public bool HasEnded => process.HasExited;

    /// <summary>Starts it as the launcher does, with what the test itself writes nowhere.</summary>
    public static ChildProgram Start(params IReadOnlyList<string> arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "DropoutLab.Cli.exe" : "DropoutLab.Cli");
        return new ChildProgram(Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DROPOUTLAB_COMMAND"] = "./dropoutlab" },
        })!);
    }

    /// <summary>Waits for a line that begins with a text.</summary>
    public void AwaitLine(string beginning)
    {
        Task<bool> found = Task.Run(() =>
        {
            string? line;
            while ((line = process.StandardOutput.ReadLine()) is not null && !line.StartsWith(beginning, StringComparison.Ordinal))
            {
            }

            return line is not null;
        });
        Assert.True(found.Wait(LongestWait) && found.Result, $"no line began with {beginning}");
    }

    /// <summary>SIGKILL: it has no time to say anything.</summary>
    public void Kill()
    {
        process.Kill();
        AwaitEnd();
    }

    /// <summary>SIGTERM; returns the exit code and what it wrote to standard error.</summary>
    public (int ExitCode, string Error) Terminate()
    {
        Assert.Equal(0, SendSignal(process.Id, Terminated));
        return Finish();
    }

    /// <summary>Waits until it ends by itself; returns the exit code and what it wrote to standard error.</summary>
    public (int ExitCode, string Error) Finish()
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        AwaitEnd();
        Task.WaitAll(output, error);
        return (process.ExitCode, error.Result);
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        process.Dispose();
    }

    private void AwaitEnd() => Assert.True(process.WaitForExit(LongestWait), $"the program has not ended within {LongestWait}");

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
