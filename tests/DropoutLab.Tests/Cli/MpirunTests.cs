using DropoutLab.Collectives;
using DropoutLab.Runs;
using DropoutLab.Storage;
using DropoutLab.Tests.Storage;
using DropoutLab.Training;

namespace DropoutLab.Tests.Cli;

/// <summary>The built command under the real mpirun.</summary>
public sealed class MpirunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("no-such-library")]
    [InlineData("libc.so.6")]
    public void WithoutOpenMpiItSaysWhatToInstall(string library) => Assert.Equal(
        $"mpirun started this process, and Open MPI's library ({library}) is not to be found: install it (apt-get install "
            + "libopenmpi3, or the like), or start without mpirun",
        Assert.Throws<DropoutLabException>(() => OpenMpiApi.Load([library])).Message);

    [Fact]
    public void TwoProcessesTrainWhatOneDoes()
    {
        string[] settings = ["--model", "resnet8", "--dropout", "backward:0.2", "--epochs", "1", "--batch-size", "75",
            "--data-dir", TinyCifar.Make(folder), "--threads", "1"];
        using ChildProgram program = ChildProgram.StartTogether(2, ["train", .. settings, "--out", folder["two"]]);
        (int exitCode, string output, string error) = program.FinishWithOutput();
        Assert.True(exitCode == 0 && error == "", $"{exitCode}: {error}");
        Assert.Single(output.Split('\n'), line => line.StartsWith("epoch 1/1 ", StringComparison.Ordinal));
        CommandRun.Succeed(["train", .. settings, "--out", folder["one"]]);

        EpochMetrics one = Assert.Single(MetricsFile.Read(folder["one"])), two = Assert.Single(MetricsFile.Read(folder["two"]));
        Assert.Equal(one.TrainLoss, two.TrainLoss, 1e-4);
        Assert.InRange(two.Further[EpochMetrics.CommunicationSeconds], double.Epsilon, two.Seconds);
        SafetensorsFile expected = SafetensorsFile.Read(folder["one", Checkpoint.FileName]),
            actual = SafetensorsFile.Read(folder["two", Checkpoint.FileName]);
        foreach (NamedArray array in expected.Arrays)
        {
            float[] other = actual.Values<float>(array.Name, array.Shape).ToArray();
            Assert.All(array.Values<float>().ToArray().Zip(other), pair => Assert.Equal(pair.First, pair.Second, 2e-3f));
        }
    }
}
