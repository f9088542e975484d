using System.Runtime.InteropServices;
using System.Text;
using DropoutLab.Cli.Machine;

namespace DropoutLab.Cli;

/// <summary>
/// Ctrl-C (SIGINT) and SIGTERM. The first asks for a stop between two steps, and ends the process where none comes in time:
/// whoever sends it, as systemd, Slurm or timeout, sends no other but SIGKILL. A second one ends it at once.
/// </summary>
internal sealed partial class StopSignals : IDisposable
{
    private const int StandardError = 2;
    private const string BelowLivePicture = "\n\e[?25h"; // and with a cursor again

    /// <summary>Standard error may be what the process waits for.</summary>
    private static readonly TimeSpan LongestLine = TimeSpan.FromSeconds(1);

    private readonly StepClock steps;
    private readonly CancellationTokenSource cancellation = new();
    private readonly PosixSignalRegistration[] registrations;
    private bool isAsked;

    public StopSignals(StepClock steps)
    {
        this.steps = steps;
        registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop)];
    }

    public CancellationToken Token => cancellation.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations)
            registration.Dispose();
        cancellation.Dispose();
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = !Interlocked.Exchange(ref isAsked, true);
        if (!signal.Cancel)
            return;
        // First: whoever hears of the cancellation may do so on this thread, and not return.
        new Thread(EndInTime) { IsBackground = true, Name = nameof(StopSignals) }.Start();
        cancellation.Cancel();
    }

    private void EndInTime()
    {
        TimeSpan patience = steps.Patience;
        Thread.Sleep(patience);
        string line =
            $"{CommandLineApplication.Name}: interrupted; what it was at has not ended within {patience.TotalSeconds:f0} seconds "
            + "and was given up, no file is half-written\n";
        Thread saying = new(() => Say(Console.IsErrorRedirected ? line : BelowLivePicture + line)) { IsBackground = true };
        saying.Start();
        saying.Join(LongestLine);
        // Last of all: the C library's own end would take the libraries' data from under threads that are at work, and crash.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => EndAtOnce(ExitCode.Interrupted);
        Environment.Exit(ExitCode.Interrupted);
    }

    /// <summary>The console's own writers wait for each other, and one of them may be what does not end.</summary>
    private static void Say(string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        if (OperatingSystem.IsWindows())
            Console.Error.Write(line);
        else
            _ = Write(StandardError, bytes, bytes.Length); // where it fails there is nobody to tell
    }

    private static void EndAtOnce(int exitCode)
    {
        if (!OperatingSystem.IsWindows())
            Exit(exitCode);
    }

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int descriptor, byte[] bytes, nint count);

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int exitCode);
}
