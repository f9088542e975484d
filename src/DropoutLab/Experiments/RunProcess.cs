using System.Diagnostics;

namespace DropoutLab.Experiments;

/// <summary>
/// One run in a process of its own, so that a crash takes nothing else along. Its standard input stays open and empty: the end of
/// it, which comes when this process closes it or dies in whatever way, tells the child to stop.
/// </summary>
internal sealed class RunProcess
{
    private const int FirstSignalExitCode = 128, Interrupted = 130;

    /// <summary>Ctrl-C goes to the child and to this process at once; the child may be done with it first.</summary>
    private static readonly TimeSpan LagOfSignal = TimeSpan.FromSeconds(1);

    /// <summary>Above what a child takes for itself, below what the process that waits here is given to stop.</summary>
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(7);

    private readonly ProcessStartInfo start;
    private readonly Action<RunReport> report;
    private string? lastError;

    /// <param name="start">What to run; its streams become this object's.</param>
    /// <param name="report">Told what the child says, on another thread.</param>
    public RunProcess(ProcessStartInfo start, Action<RunReport> report)
    {
        this.start = start;
        this.report = report;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.UseShellExecute = false;
    }

    /// <summary>Runs it to its end.</summary>
    /// <returns>What went wrong, or null.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled, and the child has stopped.</exception>
    public async Task<RunFailure?> RunAsync(CancellationToken cancellation)
    {
        using Process process = Process.Start(start)!;
        Task output = ReadAsync(process.StandardOutput, line =>
        {
            if (RunReport.Parse(line) is { } parsed)
                report(parsed);
        });
        Task error = ReadAsync(process.StandardError, line => lastError = line.Length > 0 ? line : lastError);
        try
        {
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await StopAsync(process).ConfigureAwait(false);
            throw;
        }

        await Task.WhenAll(output, error).ConfigureAwait(false);
        if (process.ExitCode == Interrupted)
            await Task.Delay(LagOfSignal, cancellation).ConfigureAwait(false);
        return process.ExitCode == 0 ? null : new RunFailure(Reason(process.ExitCode), process.ExitCode);
    }

    private static async Task StopAsync(Process process)
    {
        process.StandardInput.Close();
        using CancellationTokenSource patience = new(LongestStop);
        try
        {
            await process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static async Task ReadAsync(StreamReader reader, Action<string> take)
    {
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
            take(line);
    }

    /// <summary>The child's own last word, without its name before it.</summary>
    private string Reason(int exitCode)
    {
        if (exitCode <= Interrupted)
            return lastError is { } said ? WithoutName(said) : $"its process ended with exit code {exitCode} and no message";
        string last = lastError is null ? "" : $"; it last said: {lastError}";
        return $"its process was ended by signal {exitCode - FirstSignalExitCode}{last}";
    }

    private static string WithoutName(string said) =>
        said.IndexOf(": ", StringComparison.Ordinal) is int colon and >= 0
        && !said[..colon].Contains(' ') ? said[(colon + 2)..] : said;
}
