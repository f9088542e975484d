using System.Diagnostics;
using System.Text;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Experiments;

/// <summary>
/// What binds OpenMP's threads to processors would bind each run of a sweep to the same ones. A run may use every processor that
/// the sweep was started on.
/// </summary>
public sealed class SweepProcessorsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("OMP_PROC_BIND=true")]
    [InlineData("OMP_PROC_BIND=close", "OMP_PLACES={0}")]
    [InlineData("GOMP_CPU_AFFINITY=0")]
    [InlineData("OMP_PROC_BIND_ALL=true", "KMP_AFFINITY=compact")]
    public void NoRunIsBoundToFewerProcessorsThanTheSweep(params string[] variables)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux, for its /proc");
        TestBackends.OneDnn(threads: 1).Dispose();
        string file = folder.Make("sweep.yaml",
            Encoding.UTF8.GetBytes("recipe: {model: mlp, backend: onednn, epochs: 500}\naxes: {dropout: [none, forward:0.3]}"));
        using ChildProgram sweep = ChildProgram.StartWith(
            variables, "sweep", file, "--out", folder["out"], "--data-dir", TinyCifar.Make(folder), "--jobs", "2",
            "--threads", "1");
        AwaitRuns(sweep, 2);

        string[][] processors = [.. RunsProcesses().Select(ProcessorsOfThreads)];
        sweep.Terminate();

        Assert.Equal(2, processors.Length);
        string own = ProcessorsOf("/proc/self/status");
        Assert.All(processors, ofRun => Assert.All(ofRun, ofThread => Assert.Equal(own, ofThread)));
    }

    /// <summary>Waits until so many runs have loaded oneDNN and begun to train.</summary>
    private void AwaitRuns(ChildProgram sweep, int count)
    {
        long start = Stopwatch.GetTimestamp();
        while (!Directory.Exists(folder["out", "runs"])
            || Directory.EnumerateFiles(folder["out", "runs"], "metrics.jsonl", SearchOption.AllDirectories).Count() < count)
        {
            Assert.False(sweep.HasEnded, "the sweep has ended");
            Assert.True(Stopwatch.GetElapsedTime(start) < ChildProgram.LongestWait,
                $"no {count} runs are at work after {ChildProgram.LongestWait}");
            Thread.Sleep(20);
        }
    }

    private IEnumerable<string> RunsProcesses() => Directory.EnumerateDirectories("/proc")
        .Where(process => int.TryParse(Path.GetFileName(process), out _)
            && IsRun(Read(Path.Combine(process, "cmdline")).Split('\0')));

    private bool IsRun(string[] arguments) =>
        arguments.Contains("sweep-run") && arguments.Any(argument => argument.StartsWith(folder.Root, StringComparison.Ordinal));

    private static string[] ProcessorsOfThreads(string process) =>
        [.. Directory.EnumerateDirectories(Path.Combine(process, "task"))
            .Select(thread => ProcessorsOf(Path.Combine(thread, "status"))).Where(list => list.Length > 0)];

    /// <summary>As in "0-1"; empty if the thread is gone.</summary>
    private static string ProcessorsOf(string status) =>
        Read(status).Split('\n').Where(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal))
        .Select(line => line.Split(':')[1].Trim()).FirstOrDefault("");

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
