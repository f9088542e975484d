using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using DropoutLab.Experiments;
using DropoutLab.Experiments.Slurm;
using DropoutLab.Runs;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Experiments;

/// <summary>
/// Sweeps that are submitted: to made-up commands of Slurm's, whose tasks the test runs itself, and to a real Slurm.
/// </summary>
public sealed class SlurmSweepTests : IDisposable
{
    private const int Epochs = 12;

    private static readonly string Yaml =
        $"recipe: {{model: logistic-regression, backend: reference, epochs: {Epochs}, batch-size: 50}}\n"
        + "axes: {dropout: [none, standard:0.3]}";

    private readonly TemporaryFolder folder = new();
    private readonly string data;
    private readonly string file;

    public SlurmSweepTests()
    {
        data = TinyCifar.Make(folder);
        file = folder.Make("sweep.yaml", Encoding.UTF8.GetBytes(Yaml));
    }

    private string Root => folder["slurm"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TasksStoppedAndQueuedAgainComeToTheBytesOfTheSweepOnThisMachine()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Unix");
        FakeSlurm slurm = new(folder);
        Succeed(slurm.Sweep(Submission("--array-limit", "1")), "0 of 2 runs finished; 2 runs submitted as job 42;");
        Assert.Contains("--array=0-1%1 ", slurm.Said("sbatch"), StringComparison.Ordinal);
        string metrics = Path.Combine(SweepFolder.RunFolder(Root, "none-s1"), MetricsFile.FileName);

        slurm.Queue("RUNNING|2100-01-01T00:00:00");
        Assert.Equal(130, slurm.RunTask(0, stop: () => File.Exists(metrics)));
        Assert.Equal("requeue 42_0\n", File.ReadAllText(folder["bin", "requeued"]));
        Assert.InRange(File.ReadLines(metrics).Count(), 1, Epochs - 1);

        slurm.Queue("42|0|RUNNING|n1|None", "42|1|PENDING||Priority");
        Succeed(
            slurm.Sweep(Submission()), "2 runs in Slurm's queue: 1 PENDING (Priority), 1 RUNNING; job 42; nothing to submit;");
        (int refused, _, string error) = slurm.Sweep(Submission()[..^1]);
        Assert.Equal(2, refused);
        Assert.EndsWith("; job 42): wait for them, or end them: scancel 42\n", error, StringComparison.Ordinal);

        Assert.Equal(0, slurm.RunTask(0));
        slurm.Queue("42|1|CANCELLED|n1|None");
        Succeed(slurm.Sweep(Submission()), "1 of 2 runs finished; 1 run submitted as job 42;");
        Assert.Contains("--array=0-0 ", slurm.Said("sbatch"), StringComparison.Ordinal);
        Assert.Equal(0, slurm.RunTask(0));
        AssertSameAsHere();
    }

    [Fact]
    public async Task WhatSlurmRefusesIsSaidInItsWords()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Unix");
        FakeSlurm slurm = new(folder);
        string refusing = slurm.Make("refuse", "echo 'refuse: error: no such qos' >&2; echo 'error: failed' >&2; exit 1");

        await OneLine.ThrowsAsync(() => SlurmCommand.RunAsync(refusing, [], default), "no such qos; failed");
        await OneLine.ThrowsAsync(
            () => SlurmCommand.RunAsync(folder["bin", "sbatch-of-nobody"], [], default), "cannot be started here");
    }

    [Fact]
    public async Task ACommandThatDoesNotAnswerIsGivenUp()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Unix");
        string silent = new FakeSlurm(folder).Make("silent", "exec sleep 100");
        using CancellationTokenSource patience = new(TimeSpan.FromMilliseconds(50));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SlurmCommand.RunAsync(silent, [], patience.Token));
    }

    [Fact]
    public void ARealSlurmComesToTheSameBytes()
    {
        Assert.SkipUnless(HasSlurm(), "needs a Slurm whose nodes are this machine");
        string name = $"test-{Guid.NewGuid():N}";
        File.WriteAllText(file, $"name: {name}\n{Yaml}");
        using ChildProgram sweep = ChildProgram.Start(Submission());
        Succeed(sweep.FinishWithOutput(), "2 runs submitted as job ");

        try
        {
            long start = Stopwatch.GetTimestamp();
            while (Print("squeue", "--noheader", "--name", name).Length > 0)
            {
                Assert.True(Stopwatch.GetElapsedTime(start) < ChildProgram.LongestWait, "the tasks have not ended");
                Thread.Sleep(50);
            }
        }
        finally
        {
            Print("scancel", "--name", name);
        }

        AssertSameAsHere();
    }

    private string[] Submission(params string[] options) =>
        ["sweep", file, "--out", Root, "--data-dir", data, .. options, "--slurm"];

    private void AssertSameAsHere()
    {
        CommandRun.Succeed(Submission()[..^1]);
        CommandRun.Succeed("sweep", file, "--out", folder["here"], "--data-dir", data, "--jobs", "2", "--threads", "1");
        Assert.Equal(
            File.ReadAllText(folder["here", SweepSummary.FileName]), File.ReadAllText(Path.Combine(Root, SweepSummary.FileName)));
    }

    private static void Succeed((int ExitCode, string Output, string Error) run, string said)
    {
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains(said, run.Output, StringComparison.Ordinal);
    }

    /// <summary>Nodes elsewhere would not see the test's folder.</summary>
    private static bool HasSlurm()
    {
        try
        {
            IEnumerable<string> nodes = Print("sinfo", "--noheader", "--Node", "--format=%o").Split('\n')
                .Select(node => node.Trim()).Where(node => node.Length > 0);
            return nodes.Any() && nodes.All(node => node == "127.0.0.1" || node == Environment.MachineName);
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private static string Print(string name, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(name, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        // Without its controller a command tries for a minute.
        using Timer patience = new(_ => process.Kill(), null, TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}

/// <summary>Commands named as Slurm's that keep what they are told and answer what they are to.</summary>
internal sealed class FakeSlurm
{
    private readonly TemporaryFolder folder;
    private readonly string path;

    public FakeSlurm(TemporaryFolder folder)
    {
        this.folder = folder;
        path = $"{folder["bin"]}:{Environment.GetEnvironmentVariable("PATH")}";
        string bin = folder["bin"];
        Make("sbatch", $"echo \"$@\" '' >'{bin}/sbatch.said'; cat >'{bin}/script'; echo '42;cluster'");
        Make("squeue", $"cat '{bin}/queue'");
        Make("sacct", "echo 'Slurm accounting storage is disabled' >&2; exit 1");
        Make("scontrol", $"[ \"$1\" = show ] && echo 'MaxArraySize = 1001' || echo \"$@\" >>'{bin}/requeued'");
        Queue();
    }

    public string Make(string name, string body)
    {
        string file = folder.Make(Path.Combine("bin", name), Encoding.UTF8.GetBytes($"#!/bin/sh\n{body}\n"));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return file;
    }

    /// <summary>What squeue prints from now on.</summary>
    public void Queue(params string[] lines) => folder.Make(
        Path.Combine("bin", "queue"), Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => $"{line}\n"))));

    public string Said(string name) => File.ReadAllText(folder["bin", $"{name}.said"]);

    public (int ExitCode, string Output, string Error) Sweep(IReadOnlyList<string> arguments)
    {
        using ChildProgram program = ChildProgram.StartWith([$"PATH={path}"], arguments);
        return program.FinishWithOutput();
    }

    /// <summary>Runs a task of the submitted script as Slurm does, with SIGTERM when it is to stop.</summary>
    public int RunTask(int index, Func<bool>? stop = null)
    {
        ProcessStartInfo start = new("/bin/bash", [folder["bin", "script"]]);
        start.Environment["PATH"] = path;
        (start.Environment["SLURM_ARRAY_JOB_ID"], start.Environment["SLURM_ARRAY_TASK_ID"]) = ("42", $"{index}");
        using ChildProgram task = ChildProgram.StartThis(start);
        if (stop is null)
            return task.Finish().ExitCode;
        task.Await(stop);
        return task.Terminate().ExitCode;
    }
}
