using System.Diagnostics;
using System.Text;
using DropoutLab.Runs;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Cli;

/// <summary>
/// A first SIGTERM ends the program even where what it is at does not end by itself: here, it writes to where nobody reads.
/// </summary>
public sealed class StopSignalTests : IDisposable
{
    private const int Epochs = 1000;
    private const string GivenUp =
        "dropoutlab: interrupted; what it was at has not ended within 10 seconds and was given up, no file is half-written\n";

    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(40); // ten seconds, on a busy machine

    private readonly TemporaryFolder folder = new();
    private readonly string data;

    public StopSignalTests() => data = TinyCifar.Make(folder);

    private string[] Settings =>
        ["--model", "logistic-regression", "--batch-size", "300", "--data-dir", data, "--backend", "reference", "--threads", "1"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ATrainingThatIsGivenUpLeavesWholeFiles()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux, for named pipes of its size");
        using UnreadPipe pipe = new(folder["pipe"]);
        using ChildProgram program = ChildProgram.StartOnto(
            pipe.Path, ["train", .. Settings, "--epochs", $"{Epochs}", "--out", folder["run"]]);
        program.AwaitStandstill();
        int epochs = MetricsFile.Read(folder["run"]).Count;
        Assert.InRange(epochs, 1, Epochs - 1);

        AssertIsGivenUp("train", program.Terminate());

        Assert.Equal(["checkpoint.safetensors", "config.json", "metrics.jsonl"], FilesOf("run"));
        CommandRun evaluation = CommandRun.Succeed("evaluate", folder["run"], "--data-dir", data);
        Assert.Contains($"after epoch {epochs} of {Epochs}", evaluation.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EveryCommandEnds()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux, for named pipes of its size");
        string file = folder.Make("sweep.yaml", Encoding.UTF8.GetBytes(
            "recipe: {model: logistic-regression, backend: reference, epochs: 1}\naxes: {dropout: [none]}"));
        CommandRun.Succeed("sweep", file, "--out", folder["sweep"], "--data-dir", data);
        string[][] commands =
        [
            ["train", .. Settings, "--out", folder["run"]],
            ["evaluate", folder["sweep", "runs", "none-s1"], "--data-dir", data],
            ["reproduce", "--quick", "--epochs", "1", "--data-dir", data, "--backend", "reference", "--threads", "1"],
            ["sweep", file, "--out", folder["other"], "--data-dir", data],
            ["report", folder["sweep"], "--format", "csv"],
            ["dashboard", folder["sweep"], "--port", "0"],
            ["verify", "--model", "logistic-regression", "--backend", "reference", "--threads", "1"],
            ["bench", "--model", "logistic-regression", "--backend", "reference", "--threads", "1", "--steps", "1"],
            ["data", "list"],
        ];
        using UnreadPipe pipe = new(folder["pipe"]);
        pipe.Fill();
        ChildProgram[] programs = [.. commands.Select(command => ChildProgram.StartOnto(pipe.Path, command))];
        try
        {
            await Task.WhenAll(programs.Select(program => Task.Run(program.AwaitStandstill)));
            long start = Stopwatch.GetTimestamp();

            (int, string)[] ends = await Task.WhenAll(programs.Select(program => Task.Run(program.Terminate)));

            Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.FromSeconds(10), LongestStop);
            Assert.All(commands.Zip(ends), end => AssertIsGivenUp(end.First[0], end.Second));
            Assert.Equal(["config.json"], FilesOf("run"));
        }
        finally
        {
            foreach (ChildProgram program in programs)
                program.Dispose();
        }
    }

    private static void AssertIsGivenUp(string command, (int ExitCode, string Error) end) =>
        Assert.Equal((command, 130, GivenUp), (command, end.ExitCode, end.Error));

    private IEnumerable<string?> FilesOf(string run) =>
        Directory.GetFiles(folder[run]).Select(Path.GetFileName).Where(name => name != ".lock").Order();
}
