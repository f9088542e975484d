using System.Text;
using DropoutLab.Experiments;
using DropoutLab.Runs;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Experiments;

/// <summary>What is wrong with one run's files fails that run, with its reason, and no other.</summary>
public sealed class DamagedSweepTests : IDisposable
{
    private const string NoConfiguration = "config.json is not a run's configuration";

    private readonly TemporaryFolder folder = new();
    private readonly string data;

    public DamagedSweepTests() => data = TinyCifar.Make(folder);

    public void Dispose() => folder.Dispose();

    /// <summary>Nine runs of ten; a link to itself is what cannot be looked at whatever rights one has.</summary>
    [Fact]
    public void TheOthersGoOnAndTheReportSaysWhy()
    {
        Assert.Equal(0, Sweep("[10]").ExitCode);
        for (int seed = 1; seed < 10; seed++)
            Copy(10, seed);
        byte[] whole = File.ReadAllBytes(PathOf(10, Checkpoint.FileName));
        (Action<int> Damage, string Reason)[] damages =
        [
            (seed => File.WriteAllText(PathOf(seed, RunConfiguration.FileName), "{\"model\":"), NoConfiguration),
            (seed => File.WriteAllText(PathOf(seed, RunConfiguration.FileName), ""), NoConfiguration),
            (seed => File.WriteAllText(PathOf(seed, RunConfiguration.FileName), "null"), "config.json is empty"),
            (seed => File.WriteAllText(PathOf(seed, MetricsFile.FileName), "null\n"),
                "metrics.jsonl, line 1: no JSON object of an epoch"),
            (seed => File.WriteAllText(PathOf(seed, Checkpoint.FileName), "no checkpoint"), "checkpoint.safetensors is damaged"),
            (seed => Replace(PathOf(seed, RunConfiguration.FileName), path => Directory.CreateDirectory(path)),
                RunConfiguration.FileName),
            (seed => Replace(PathOf(seed, RunConfiguration.FileName), path => File.CreateSymbolicLink(path, path)),
                "config.json cannot be read"),
            (seed => Replace(PathOf(seed), path => File.WriteAllText(path, "")), "-s8 is a file, a folder is needed there"),
            (seed => Replace(PathOf(seed), path => Directory.CreateSymbolicLink(path, path)),
                "-s9 is a file, a folder is needed there"),
        ];
        foreach ((int i, (Action<int> damage, _)) in damages.Index())
            damage(i + 1);
        Directory.Delete(PathOf(10), recursive: true);

        Assert.StartsWith("10 runs to train", Sweep("1..10", "--dry-run").Lines[^1], StringComparison.Ordinal);
        CommandRun run = Sweep("1..10");

        Assert.Equal("dropoutlab: 9 of 10 runs failed; the next start tries them again\n", run.Error);
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(whole, File.ReadAllBytes(PathOf(10, Checkpoint.FileName)));
        SweepSummary summary = SweepSummary.Read(folder["out"]);
        Assert.Equal((9, 1), (summary.Count(RunState.Failed), summary.Count(RunState.Finished)));
        string markdown = File.ReadAllText(folder["out", "summary.md"]), page = Report();
        foreach ((RunRecord record, (_, string reason)) in summary.Runs.Zip(damages))
        {
            Assert.Contains(reason, record.Reason, StringComparison.Ordinal);
            Assert.Contains(PathOf((int)record.Run.Seed), record.Reason!, StringComparison.Ordinal);
            Assert.Contains($"* {record.Run.Name}: {MarkdownText.Escaped(record.Reason!)}\n", markdown, StringComparison.Ordinal);
            Assert.Contains($"{record.Run.Name}</span>", page, StringComparison.Ordinal);
        }

        Assert.Contains("<strong>1</strong> of 10 runs finished", page, StringComparison.Ordinal);
        Assert.Equal(summary.ToJson(), new SweepReader(folder["out"]).Read().ToJson());
        Assert.Equal(summary.ToJson(), File.ReadAllText(folder["out", "summary.json"]));
    }

    /// <summary>
    /// A good copy is not moved over a damaged run, in which somebody may want to look. What is moved away is made up for.
    /// </summary>
    [Fact]
    public void ADamagedRunStaysUntilItIsMovedAway()
    {
        Assert.Equal(0, Sweep("1..2").ExitCode);
        byte[] checkpoint = File.ReadAllBytes(PathOf(2, Checkpoint.FileName));
        Directory.Move(PathOf(1), folder["out", "runs", "copied"]);
        foreach (int seed in (int[])[1, 2])
        {
            Directory.CreateDirectory(PathOf(seed));
            File.WriteAllText(PathOf(seed, RunConfiguration.FileName), "{");
        }

        Assert.Equal(1, Sweep("1..2").ExitCode);
        Assert.True(Directory.Exists(folder["out", "runs", "copied"]));
        foreach (int seed in (int[])[1, 2])
            Directory.Move(PathOf(seed), folder[$"away-{seed}"]);

        Assert.Equal(0, Sweep("1..2").ExitCode);
        Assert.Equal(checkpoint, File.ReadAllBytes(PathOf(2, Checkpoint.FileName)));
        Assert.False(Directory.Exists(folder["out", "runs", "copied"]));
    }

    /// <summary>A configuration that can be read, and says another thing, is another's: nothing is trained beside it.</summary>
    [Theory]
    [InlineData("dropout", "standard:0.3", "standard:0.4")]
    [InlineData("dropout_at", "all", "fc9")]
    public void AnotherSettingIsAnotherRuns(string setting, string before, string after)
    {
        Assert.Equal(0, Sweep("1..1").ExitCode);
        string path = PathOf(1, RunConfiguration.FileName);
        File.WriteAllText(path, File.ReadAllText(path).Replace(
            $"\"{setting}\": \"{before}\"", $"\"{setting}\": \"{after}\"", StringComparison.Ordinal));

        Sweep("1..1").FailsWith($"{PathOf(1)} holds a run with {setting} {after}, not {before}", "move it away");
    }

    private string PathOf(int seed, string file = "") =>
        Path.Combine(folder["out", "runs", $"standard-0.3-s{seed}"], file).TrimEnd(Path.DirectorySeparatorChar);

    /// <summary>As far as a sweep looks, a run of another seed.</summary>
    private void Copy(int seed, int to)
    {
        Directory.CreateDirectory(PathOf(to));
        foreach (string file in (string[])[MetricsFile.FileName, Checkpoint.FileName])
            File.Copy(PathOf(seed, file), PathOf(to, file));
        File.WriteAllText(
            PathOf(to, RunConfiguration.FileName),
            File.ReadAllText(PathOf(seed, RunConfiguration.FileName))
                .Replace($"\"seed\": {seed},", $"\"seed\": {to},", StringComparison.Ordinal));
    }

    private static void Replace(string path, Action<string> by)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        else
            File.Delete(path);
        by(path);
    }

    private string Report()
    {
        CommandRun.Succeed("report", folder["out"]);
        return File.ReadAllText(folder["out", "report.html"]);
    }

    private CommandRun Sweep(string seeds, params string[] options)
    {
        string file = folder.Make("sweep.yaml", Encoding.UTF8.GetBytes(
            "recipe: {model: logistic-regression, backend: reference, epochs: 1, batch-size: 100}\naxes: {dropout: "
                + $"[standard:0.3]}}\nseeds: {seeds}"));
        return CommandRun.Of(["sweep", file, "--out", folder["out"], "--data-dir", data, "--threads", "1", .. options]);
    }
}
