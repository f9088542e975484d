using System.Diagnostics;
using System.Runtime.InteropServices;

namespace DropoutLab.Tests.Cli;

/// <summary>The built command in a process of its own. It ends with its test, however that ends.</summary>
internal sealed partial class ChildProgram : IDisposable
{
    /// <summary>For anything that it is to do.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    private const int Terminated = 15; // SIGTERM: who starts tests in the background may have them ignore SIGINT

    private static readonly string Program =
        Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "DropoutLab.Cli.exe" : "DropoutLab.Cli");

    private readonly Process process;

    private ChildProgram(Process process) => this.process = process;

    public bool HasEnded => process.HasExited;

    /// <summary>Starts it as the launcher does, with what the test itself writes nowhere.</summary>
    public static ChildProgram Start(params IReadOnlyList<string> arguments) => StartWith([], arguments);

    /// <summary>The same, with variables of the environment set, each as NAME=VALUE.</summary>
    public static ChildProgram StartWith(IReadOnlyList<string> variables, params IReadOnlyList<string> arguments) =>
        Start(new ProcessStartInfo(Program, arguments), variables);

    /// <summary>Starts it with its output going to a file or pipe.</summary>
    public static ChildProgram StartOnto(string path, params IReadOnlyList<string> arguments) =>
        Start(new ProcessStartInfo("/bin/sh",
            ["-c", "output=$1; shift; exec \"$@\" >\"$output\"", "sh", path, Program, .. arguments]), []);

    /// <summary>Starts what becomes it, as a shell that ends in exec.</summary>
    public static ChildProgram StartThis(ProcessStartInfo start) => Start(start, []);

    /// <summary>Starts several of it, as mpirun does; where there is none, the test is skipped.</summary>
    public static ChildProgram StartTogether(int processes, params IReadOnlyList<string> arguments)
    {
        const string Mpirun = "mpirun";
        Assert.SkipUnless(
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
                .Any(folder => File.Exists(Path.Combine(folder, Mpirun))),
            "needs mpirun, of Open MPI (apt-get install openmpi-bin)");
        return Start(
            new ProcessStartInfo(Mpirun, ["--oversubscribe", "-n", $"{processes}", Program, .. arguments]),
            ["OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"]);
    }

    private static ChildProgram Start(ProcessStartInfo start, IEnumerable<string> variables)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.Environment["DROPOUTLAB_COMMAND"] = "./dropoutlab";
        foreach (string[] variable in variables.Select(variable => variable.Split('=', 2)))
            start.Environment[variable[0]] = variable[1];
        return new ChildProgram(Process.Start(start)!);
    }

    /// <summary>Waits for a line that begins with a text.</summary>
    public void AwaitLine(string beginning)
    {
        Task<bool> found = Task.Run(() =>
        {
            string? line;
            while ((line = process.StandardOutput.ReadLine()) is not null
                && !line.StartsWith(beginning, StringComparison.Ordinal))
            {
            }

            return line is not null;
        });
        Assert.True(found.Wait(LongestWait) && found.Result, $"no line began with {beginning}");
    }

    /// <summary>Waits until something is so while it is at work.</summary>
    public void Await(Func<bool> isSo)
    {
        long start = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            Assert.True(!HasEnded && Stopwatch.GetElapsedTime(start) < LongestWait, "what was waited for does not come");
            Thread.Sleep(2);
        }
    }

    /// <summary>Waits until it has done nothing for a while.</summary>
    public void AwaitStandstill()
    {
        TimeSpan quiet = TimeSpan.FromSeconds(3), little = TimeSpan.FromMilliseconds(20);
        long start = Stopwatch.GetTimestamp();
        TimeSpan before, now = TimeSpan.Zero;
        do
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < LongestWait, $"the program is still at work after {LongestWait}");
            Thread.Sleep(quiet);
            process.Refresh();
            (before, now) = (now, process.TotalProcessorTime);
        }
        while (now - before > little);
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
        (int exitCode, _, string error) = FinishWithOutput();
        return (exitCode, error);
    }

    /// <summary>The same, with what it wrote to standard output and nobody has read yet.</summary>
    public (int ExitCode, string Output, string Error) FinishWithOutput()
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        AwaitEnd();
        Task.WaitAll(output, error);
        return (process.ExitCode, output.Result, CommandRun.Parted(error.Result).Error);
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
