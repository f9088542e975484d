using System.Diagnostics;
using System.Runtime.InteropServices;
using DropoutLab.Tests.Storage;
using DropoutLab.Training;

namespace DropoutLab.Tests.Cli;

/// <summary>Runs of the built command in a process of its own, ended from outside in the middle of an epoch.</summary>
public sealed partial class KilledProcessTests : IDisposable
{
    private const int Terminate = 15; // SIGTERM: who starts tests in the background may have them ignore SIGINT
    private const int Epochs = 3;
    private static readonly TimeSpan IntoTheEpoch = TimeSpan.FromMilliseconds(50);

    private readonly TemporaryFolder folder = new();
    private readonly string data;

    public KilledProcessTests() => data = TinyCifar.Make(folder);

    // Small batches of a network with many weights: an epoch takes long enough to be hit in its middle.
    private string[] Settings =>
        ["--model", "mlp", "--dropout", "backward:0.3", "--epochs", $"{Epochs}", "--batch-size", "5", "--learning-rate", "0.0001", "--data-dir", data, "--threads", "1"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AKilledRunGoesOnToTheSameWeights()
    {
        CommandRun.Succeed(["train", .. Settings, "--out", folder["whole"]]);
        using Process process = StartAndAwaitFirstEpoch();

        process.Kill();
        process.WaitForExit();

        AssertWasUnfinished();
        AssertGoesOnToTheSameWeights();
    }

    [Fact]
    public void AnInterruptedRunSaysHowToGoOn()
    {
        if (OperatingSystem.IsWindows())
            return; // Windows cannot send Ctrl-C to one process.
        using Process process = StartAndAwaitFirstEpoch();

        Assert.Equal(0, SendSignal(process.Id, Terminate));
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();

        Assert.Equal(130, process.ExitCode);
        Assert.StartsWith("dropoutlab: interrupted after ", error, StringComparison.Ordinal);
        Assert.Contains($"of {Epochs} epochs; go on with: ./dropoutlab train --resume --out {folder["run"]} ", error, StringComparison.Ordinal);
        AssertWasUnfinished();
    }

    private Process StartAndAwaitFirstEpoch()
    {
        string program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "DropoutLab.Cli.exe" : "DropoutLab.Cli");
        ProcessStartInfo start = new(program, ["train", .. Settings, "--out", folder["run"]])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DROPOUTLAB_COMMAND"] = "./dropoutlab" },
        };
        Process process = Process.Start(start)!;
        while (process.StandardOutput.ReadLine() is { } line && !line.StartsWith("epoch 1/", StringComparison.Ordinal))
        {
        }

        Thread.Sleep(IntoTheEpoch);
        return process;
    }

    private void AssertWasUnfinished() => Assert.InRange(MetricsFile.Read(folder["run"]).Count, 1, Epochs - 1);

    private void AssertGoesOnToTheSameWeights()
    {
        CommandRun.Succeed("train", "--resume", "--out", folder["run"], "--data-dir", data);
        Assert.Equal(Epochs, MetricsFile.Read(folder["run"]).Count);
        Assert.Equal(File.ReadAllBytes(folder["whole", Checkpoint.FileName]), File.ReadAllBytes(folder["run", Checkpoint.FileName]));
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
