using DropoutLab.Runs;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Cli;

/// <summary>Files of a run that were changed by hand end in one line that names them.</summary>
public sealed class DamagedRunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string data;
    private readonly string run;

    public DamagedRunTests()
    {
        data = TinyCifar.Make(folder);
        run = folder["run"];
        CommandRun.Succeed(
            ["train", "--model", "logistic-regression", "--batch-size", "50", "--epochs", "1", .. CommandRun.Small, "--data-dir",
                data, "--out", run]);
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("\"batch_size\": 50", "\"batch_size\": 0", "the batch size must be from 1 to 65536, not 0")]
    [InlineData("\"model\": \"logistic-regression\"", "\"model\": null", "config.json is not a run's configuration")]
    [InlineData("\"dropout\": \"none\"", "\"dropout\": null", "config.json is not a run's configuration")]
    public void AConfiguration(string before, string after, string reason)
    {
        string path = folder["run", RunConfiguration.FileName], text = File.ReadAllText(path);
        Assert.Contains(before, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(before, after, StringComparison.Ordinal));

        CommandRun.Of("train", "--resume", "--out", run, "--data-dir", data).FailsWith(reason);
    }

    [Fact]
    public void ALineOfMetrics()
    {
        File.WriteAllText(folder["run", MetricsFile.FileName], "null\n");

        CommandRun.Of("train", "--resume", "--out", run, "--data-dir", data)
            .FailsWith(folder["run", MetricsFile.FileName], "line 1");
    }

    [Fact]
    public void ARunOfAnotherVersionSaysSo()
    {
        string path = folder["run", RunConfiguration.FileName], text = File.ReadAllText(path);
        string same = CommandRun.Succeed("train", "--resume", "--out", run, "--data-dir", data).Output;
        File.WriteAllText(path,
            text.Replace($"\"dropoutlab\": \"{LibraryVersion.Text}\"", "\"dropoutlab\": \"0.1.0\"", StringComparison.Ordinal));

        string other = CommandRun.Succeed("train", "--resume", "--out", run, "--data-dir", data).Output;

        Assert.DoesNotContain("begun with", same, StringComparison.Ordinal);
        Assert.Contains($"DropoutLab 0.1.0, this is {LibraryVersion.Text}", other, StringComparison.Ordinal);
    }
}
