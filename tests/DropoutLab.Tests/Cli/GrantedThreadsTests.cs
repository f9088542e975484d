using System.Text;
using System.Text.Json;
using DropoutLab.Runs;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Cli;

/// <summary>
/// OpenMP may be told by variables to grant fewer threads than are asked for: what it grants is found out, used and said.
/// </summary>
public sealed class GrantedThreadsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string data;

    public GrantedThreadsTests() => data = TinyCifar.Make(folder);

    public static TheoryData<string, string, int> Limits => new()
    {
        { "OMP_THREAD_LIMIT=1", "f32", 1 },
        { "OMP_THREAD_LIMIT=1", "bf16", 1 },
        { "OMP_THREAD_LIMIT=2", "bf16", 2 },
        { "OMP_MAX_ACTIVE_LEVELS=0", "f32", 1 },
        { "OMP_DYNAMIC=true", "f32", 3 },
        { "OMP_DYNAMIC=true", "bf16", 3 },
    };

    private string[] Settings =>
        ["--model", "convnet-quick", "--dropout", "forward:0.1", "--batch-size", "20", "--backend", "onednn", "--data-dir", data];

    public void Dispose() => folder.Dispose();

    /// <summary>Three threads are more than a dynamic team on two processors has.</summary>
    [Theory, MemberData(nameof(Limits))]
    public void ARunIsTheOneOnAsManyThreadsAsItWasGranted(string variable, string precision, int granted)
    {
        RequireOneDnn();
        string[] settings = [.. Settings, "--precision", precision, "--epochs", "1"];
        CommandRun.Succeed(["train", .. settings, "--threads", $"{granted}", "--out", folder["expected"]]);

        using ChildProgram program = ChildProgram.StartWith(
            [variable], ["train", .. settings, "--threads", "3", "--out", folder["run"]]);
        (int exitCode, string error) = program.Finish();

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(granted, RunConfiguration.Read(folder["run"]).Threads);
        Assert.Equal(
            File.ReadAllBytes(folder["expected", Checkpoint.FileName]), File.ReadAllBytes(folder["run", Checkpoint.FileName]));
    }

    [Theory]
    [InlineData("f32")]
    [InlineData("bf16")]
    public void AllClaimsHoldOnTheThreadsThatAreGranted(string precision)
    {
        RequireOneDnn();
        using ChildProgram program = ChildProgram.StartWith(
            ["OMP_THREAD_LIMIT=1"], "verify", "--model", "mlp", "--threads", "2", "--precision", precision, "--backend",
            "onednn", "--json");

        (int exitCode, string output, string error) = program.FinishWithOutput();

        Assert.Equal(0, exitCode);
        Assert.Equal(
            "dropoutlab: OpenMP grants 1 of 2 threads, which is what is used; OMP_THREAD_LIMIT and OMP_MAX_ACTIVE_LEVELS limit "
                + "them\n", error);
        JsonElement report = JsonElement.Parse(output);
        Assert.Equal(1, report.GetProperty("threads").GetInt32());
        Assert.True(report.GetProperty("holds").GetBoolean());
    }

    [Fact]
    public void ARunThatWasBegunOnMoreThreadsIsNotGoneOnWith()
    {
        RequireOneDnn();
        string[] settings = [.. Settings, "--epochs", "2", "--out", folder["run"]];
        using (CancellationTokenSource afterAnEpoch = new())
        using (ActingWriter output = new("epoch 1/", afterAnEpoch.Cancel))
            Assert.Equal(130, CommandRun.Of(output, afterAnEpoch.Token, ["train", .. settings, "--threads", "2"]).ExitCode);
        byte[] before = File.ReadAllBytes(folder["run", Checkpoint.FileName]);

        using ChildProgram program = ChildProgram.StartWith(
            ["OMP_THREAD_LIMIT=1"], "train", "--resume", "--out", folder["run"], "--data-dir", data);
        (int exitCode, string error) = program.Finish();

        Assert.Equal(2, exitCode);
        Assert.Equal(
            "dropoutlab: the run was begun on 2 threads, and cannot go on with fewer: OpenMP grants 1 of 2 threads, which is "
            + "what is used; OMP_THREAD_LIMIT and OMP_MAX_ACTIVE_LEVELS limit them\n", error);
        Assert.Equal(before, File.ReadAllBytes(folder["run", Checkpoint.FileName]));
    }

    [Fact]
    public void ASweepSaysHowManyThreadsItsRunsHave()
    {
        RequireOneDnn();
        string file = folder.Make(
            "sweep.yaml", Encoding.UTF8.GetBytes("recipe: {model: mlp, backend: onednn, epochs: 1}\naxes: {dropout: [none]}"));
        using ChildProgram program = ChildProgram.StartWith(
            ["OMP_THREAD_LIMIT=1"], "sweep", file, "--out", folder["sweep"], "--data-dir", data, "--threads", "2");

        (int exitCode, string output, _) = program.FinishWithOutput();

        Assert.Equal(0, exitCode);
        Assert.Contains("on 1 thread each", output, StringComparison.Ordinal);
        Assert.Equal(1, RunConfiguration.Read(folder["sweep", "runs", "none-s1"]).Threads);
        Assert.Equal(1, JsonElement.Parse(File.ReadAllText(folder["sweep", "sweep.json"])).GetProperty("threads").GetInt32());
    }

    private static void RequireOneDnn() => TestBackends.OneDnn(threads: 1).Dispose();
}
