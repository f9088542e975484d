using DropoutLab.Dashboard.Live;
using DropoutLab.Dashboard.Report;
using DropoutLab.Experiments;
using DropoutLab.Experiments.Slurm;
using DropoutLab.Runs;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Experiments;

/// <summary>What Slurm is told, and what is made of its answers, without any Slurm.</summary>
public sealed class SlurmTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheScriptHasAllThatIsAskedForAndTheRuns()
    {
        SlurmArray array = new(
            "a sweep", "/home/a b/100%", "dotnet cli.dll sweep-task '/home/a b/100%'",
            new SlurmRequest(Processors: 2, "/home/a", Partition: "short", Time: "1:00:00", AtOnce: 3),
            ["none-s1", "standard-0.3-s1"]);

        Assert.Equal(
            """
            #!/bin/bash
            #SBATCH --job-name=a-sweep
            #SBATCH --array=0-1%3
            #SBATCH --cpus-per-task=2
            #SBATCH --partition=short
            #SBATCH --time=1:00:00
            #SBATCH --chdir=/home/a
            #SBATCH --requeue
            #SBATCH --signal=B:TERM@60
            #SBATCH --open-mode=append
            #SBATCH "--output=/home/a b/100%%/slurm/%A_%a.log"
            runs=(
            none-s1
            standard-0.3-s1
            )
            exec dotnet cli.dll sweep-task '/home/a b/100%' "${runs[SLURM_ARRAY_TASK_ID]}"

            """.ReplaceLineEndings("\n"), array.Script());
    }

    [Theory]
    [InlineData("MaxArraySize            = 501\nMaxJobCount = 9", 501)]
    [InlineData("SlurmctldPort = 6817", 1001)]
    public void AnArrayIsAsLongAsTheClusterSays(string configuration, int longest) =>
        Assert.Equal(longest, SlurmArray.LongestIn(configuration));

    [Theory]
    [InlineData("42|0|PENDING||Priority", RunState.Waiting, null, "PENDING (Priority)")]
    [InlineData("42|0|PENDING||None", RunState.Waiting, null, "PENDING")]
    [InlineData("42|0|RUNNING|n1|None", RunState.Running, null, "RUNNING on n1")]
    [InlineData("42|0|COMPLETING|n1|None", RunState.Waiting, null, "COMPLETING")]
    [InlineData("42|0|CANCELLED||None", RunState.Waiting, null, "CANCELLED")]
    [InlineData(
        "42|0|FAILED|n1|RaisedSignal:9(Killed)", RunState.Failed, "Slurm ended its task: FAILED (RaisedSignal:9(Killed))", null)]
    [InlineData("42|0|TIMEOUT|n1|TimeLimit", RunState.Failed, "Slurm ended its task: TIMEOUT (TimeLimit)", null)]
    public void WhatSqueueSaysIsWhereARunStands(string line, RunState state, string? reason, string? shown)
    {
        SlurmTask task = SlurmTask.OfQueue(line)!;

        RunRecord run = new SlurmTasks(new Dictionary<string, SlurmTask> { ["none-s1"] = task }).On(Waiting()).Runs[0];

        Assert.Equal("42_0", task.Id);
        Assert.Equal((state, reason, shown), (run.State, run.Reason, run.Task?.ToString()));
    }

    [Theory]
    [InlineData("42_7|CANCELLED by 1000", "42_7", "CANCELLED (by 1000)")]
    [InlineData("42_7|OUT_OF_MEMORY", "42_7", "OUT_OF_MEMORY")]
    public void WhatTheAccountsSayIsRead(string line, string id, string shown)
    {
        SlurmTask task = SlurmTask.OfAccount(line)!;

        Assert.Equal((id, shown, false), (task.Id, $"{task}", task.IsLive));
    }

    /// <summary>Who is only warned asks to be queued again; who was cancelled does not, for that would undo it.</summary>
    [Theory]
    [InlineData("RUNNING|2026-01-01T12:30:00\n", "2026-01-01T12:30:00")]
    [InlineData("RUNNING|N/A\n", "N/A")]
    [InlineData("COMPLETING|2026-01-01T12:30:00\n", null)]
    [InlineData("PENDING|N/A\n", null)]
    [InlineData("", null)]
    public void ATaskThatSlurmEndsIsNotOnlyWarned(string answer, string? end) =>
        Assert.Equal(end, SlurmRun.EndIfOnlyWarned(answer));

    [Fact]
    public void OfARunsTasksTheLastCounts()
    {
        SlurmJobs jobs = SlurmJobs.Read(folder.Root).With("7", ["a", "b", "c"]).With("8", ["c"]).With("9", ["b"]);
        jobs.Write(folder.Root);

        SlurmJobs read = SlurmJobs.Read(folder.Root);

        Assert.Equal(["7", "8", "9"], read.Jobs.Select(job => job.Id));
        Assert.Equal(
            new Dictionary<string, string> { ["7_0"] = "a", ["9_0"] = "b", ["8_0"] = "c" },
            read.RunsByTask(new HashSet<string> { "a", "b", "c" }));
        Assert.Equal(["7", "10"], read.With("10", ["b", "c"]).Jobs.Select(job => job.Id));
    }

    [Fact]
    public void ARunWithATaskKeepsItsName()
    {
        Waiting();
        SlurmTasks tasks = new(new Dictionary<string, SlurmTask> { ["none-s1"] = new("42_0", "PENDING", "", "") });

        tasks.RequireNames(folder.Root, new MadeUpSweep(folder["more"], ["none", "forward:0.1"], seeds: 2).Plan);

        SweepPlan other = new MadeUpSweep(folder["other"], ["forward:0.1"], seeds: 1).Plan;
        OneLine.Throws(() => tasks.RequireNames(folder.Root, other), "42_0 is none-s1", "scancel 42");
    }

    [Fact]
    public async Task AReportShowsWhatWaitsAndWhy()
    {
        Waiting();
        SlurmTasks tasks = new(new Dictionary<string, SlurmTask>
        {
            ["none-s1"] = new("42_0", "PENDING", "QOSMaxJobsPerUserLimit", ""),
            ["none-s2"] = new("42_1", "OUT_OF_MEMORY", "", "n2"),
        });

        string page = await ReportDocument.RenderPageAsync(tasks.On(SweepSummary.Read(folder.Root)));

        Assert.Contains("Slurm: 1 PENDING (QOSMaxJobsPerUserLimit); job 42", page, StringComparison.Ordinal);
        Assert.Contains("<span class=\"task\">Slurm: PENDING (QOSMaxJobsPerUserLimit)</span>", page, StringComparison.Ordinal);
        Assert.Contains(
            "✗ failed<span class=\"reason\">Slurm ended its task: OUT_OF_MEMORY</span>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheDashboardAsksNowAndThenAndWaitsForNoAnswer()
    {
        SweepSummary summary = Waiting();
        SetTime clock = new();
        Queue<TaskCompletionSource<SlurmTasks>> questions = new([new(), new()]);
        TaskCompletionSource<SlurmTasks> first = questions.Peek();
        int asked = 0;
        SlurmWatch watch = new((_, _) => { asked++; return questions.Dequeue().Task; }, clock);

        Assert.Same(summary, watch.On(summary));
        first.SetResult(new SlurmTasks(new Dictionary<string, SlurmTask> { ["none-s1"] = new("42_0", "PENDING", "", "") }));
        SweepSummary known = await Until(() => watch.On(summary), seen => seen.Queue is not null);

        Assert.Equal("Slurm: 1 PENDING; job 42", known.Queue);
        Assert.Same(known, watch.On(summary));
        Assert.Equal(1, asked);
        questions.Peek().SetException(new DropoutLabException("squeue: no controller"));
        clock.Seconds = 11;
        SweepSummary refused = await Until(() => watch.On(summary), seen => seen.Queue != known.Queue);
        Assert.Equal("Slurm does not answer: squeue: no controller", refused.Queue);
        Assert.NotNull(refused.Runs[0].Task);
    }

    [Theory]
    [InlineData("--time is Slurm's: give --slurm too", "--time", "1:00")]
    [InlineData("--array-limit is Slurm's: give --slurm too", "--array-limit", "3")]
    [InlineData("--jobs is of runs on this machine", "--slurm", "--jobs", "3")]
    [InlineData("--dry-run is of runs on this machine", "--slurm-script", "--dry-run")]
    [InlineData("--partition: 'a b' is not one word", "--slurm", "--partition", "a b")]
    [InlineData("--cpus: 2 processors are fewer than the 4 threads of a run", "--slurm-script", "--cpus", "2", "--threads", "4")]
    public void OptionsThatDoNotGoTogetherAreSaid(string message, params string[] options)
    {
        string file = folder.Make("sweep.yaml", "recipe: {model: logistic-regression, backend: reference, epochs: 1}"u8);

        CommandRun.Of(["sweep", file, "--out", folder["out"], "--data-dir", TinyCifar.Make(folder), .. options])
            .FailsWith(message);
    }

    private SweepSummary Waiting()
    {
        _ = new MadeUpSweep(folder.Root, ["none"], seeds: 2);
        return SweepSummary.Read(folder.Root);
    }

    private static async Task<SweepSummary> Until(Func<SweepSummary> look, Func<SweepSummary, bool> isIt)
    {
        while (true)
        {
            SweepSummary seen = look();
            if (isIt(seen))
                return seen;
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    private sealed class SetTime : TimeProvider
    {
        public int Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
