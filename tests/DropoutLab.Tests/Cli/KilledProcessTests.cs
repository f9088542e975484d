using DropoutLab.Cli;
using DropoutLab.Runs;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Cli;

/// <summary>Runs of the built command in a process of its own, ended from outside in the middle of an epoch.</summary>
public sealed class KilledProcessTests : IDisposable
{
    private const int Epochs = 12;
    private static readonly TimeSpan IntoTheEpoch = TimeSpan.FromMilliseconds(50);

    private readonly TemporaryFolder folder = new();
    private readonly string data;

    public KilledProcessTests() => data = TinyCifar.Make(folder);

    // Small batches of a network with many weights: an epoch takes long enough to be hit in its middle.
    private string[] Settings =>
        ["--model", "mlp", "--dropout", "backward:0.3", "--epochs", $"{Epochs}", "--batch-size", "5", "--learning-rate", "0.0001",
            "--data-dir", data, "--threads", "1"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AKilledRunGoesOnToTheSameWeights()
    {
        CommandRun.Succeed(["train", .. Settings, "--out", folder["whole"]]);
        using ChildProgram program = StartAndAwaitFirstEpoch();

        program.Kill();

        AssertWasUnfinished();
        AssertGoesOnToTheSameWeights();
    }

    [Fact]
    public void AnInterruptedRunSaysHowToGoOn()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a system that can send Ctrl-C to one process");
        using ChildProgram program = StartAndAwaitFirstEpoch();

        (int exitCode, string error) = program.Terminate();

        Assert.Equal(130, exitCode);
        Assert.StartsWith("dropoutlab: interrupted after ", error, StringComparison.Ordinal);
        Assert.Contains(
            $"of {Epochs} epochs; go on with: ./dropoutlab train --resume --out {CommandConsole.Quoted(folder["run"])} ", error,
            StringComparison.Ordinal);
        AssertWasUnfinished();
    }

    private ChildProgram StartAndAwaitFirstEpoch()
    {
        ChildProgram program = ChildProgram.Start(["train", .. Settings, "--out", folder["run"]]);
        program.AwaitLine("epoch 1/");
        Thread.Sleep(IntoTheEpoch);
        return program;
    }

    private void AssertWasUnfinished() => Assert.InRange(MetricsFile.Read(folder["run"]).Count, 1, Epochs - 1);

    private void AssertGoesOnToTheSameWeights()
    {
        CommandRun.Succeed("train", "--resume", "--out", folder["run"], "--data-dir", data);
        Assert.Equal(Epochs, MetricsFile.Read(folder["run"]).Count);
        Assert.Equal(
            File.ReadAllBytes(folder["whole", Checkpoint.FileName]), File.ReadAllBytes(folder["run", Checkpoint.FileName]));
    }
}
