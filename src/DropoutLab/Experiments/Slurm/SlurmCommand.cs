using System.ComponentModel;
using System.Diagnostics;

namespace DropoutLab.Experiments.Slurm;

/// <summary>Slurm's own commands, as they are on the PATH.</summary>
internal static class SlurmCommand
{
    /// <summary>Variables that change what these commands print.</summary>
    private static readonly string[] OfTaste = ["SQUEUE_", "SACCT_", "SLURM_TIME_FORMAT"];

    /// <summary>Runs a command to its end.</summary>
    /// <param name="name">As in sbatch.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="input">What it reads.</param>
    /// <returns>What it printed.</returns>
    /// <exception cref="DropoutLabException">It is not there, or refuses: in its own words.</exception>
    public static async Task<string> RunAsync(
        string name, IEnumerable<string> arguments, CancellationToken cancellation, string input = "")
    {
        using Process process = Start(name, arguments);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation);
            Task<string> error = process.StandardError.ReadToEndAsync(cancellation);
            await WriteAsync(process.StandardInput, input, cancellation).ConfigureAwait(false);
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
            return process.ExitCode == 0
                ? await output.ConfigureAwait(false)
                : throw new DropoutLabException($"{name}: {Said(name, await error.ConfigureAwait(false), process.ExitCode)}");
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    private static Process Start(string name, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(name, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string variable in start.Environment.Keys.Where(IsOfTaste).ToArray())
            start.Environment.Remove(variable);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw new DropoutLabException($"Slurm's {name} cannot be started here: is it on the PATH?", exception);
        }
    }

    private static bool IsOfTaste(string variable) =>
        Array.Exists(OfTaste, beginning => variable.StartsWith(beginning, StringComparison.Ordinal));

    private static async Task WriteAsync(StreamWriter stream, string input, CancellationToken cancellation)
    {
        try
        {
            await stream.WriteAsync(input.AsMemory(), cancellation).ConfigureAwait(false);
            stream.Close();
        }
        catch (IOException)
        {
            // It has ended without reading; its exit code says why.
        }
    }

    /// <summary>What it wrote to standard error, in one line, without its name before every part.</summary>
    private static string Said(string name, string error, int exitCode)
    {
        string said = string.Join("; ", error
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Replace($"{name}: error: ", "", StringComparison.Ordinal)
                .Replace("error: ", "", StringComparison.Ordinal)));
        return said.Length > 0 ? said : $"it ended with exit code {exitCode} and no message";
    }
}
