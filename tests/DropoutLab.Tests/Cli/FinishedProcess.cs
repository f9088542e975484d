using System.Diagnostics;

namespace DropoutLab.Tests.Cli;

/// <summary>A process that has ended, and all that it wrote.</summary>
internal sealed record FinishedProcess(int ExitCode, string Output, string Error)
{
    /// <summary>Starts it and waits; one that goes on for too long is killed, and the test fails.</summary>
    public static FinishedProcess Run(ProcessStartInfo start, TimeSpan longest)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(longest))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{start.FileName} {string.Join(' ', start.ArgumentList)} has not ended within {longest}");
        }

        Task.WaitAll(output, error);
        return new FinishedProcess(process.ExitCode, output.Result, error.Result);
    }
}
