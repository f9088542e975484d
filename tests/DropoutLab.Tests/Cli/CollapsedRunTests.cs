using System.Text;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Cli;

/// <summary>A rate a thousand times too large: the loss is hundreds, and the run ends well.</summary>
public sealed class CollapsedRunTests : IDisposable
{
    private const string Line =
        @"collapsed: train loss \S+ and test accuracy \S+ in epoch 2, where knowing nothing of the images gives "
        + @".*; try a learning rate below 50";

    private readonly TemporaryFolder folder = new();
    private readonly string data;

    public CollapsedRunTests() => data = TinyCifar.Make(folder);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TrainSaysSoOnce()
    {
        string[] settings = ["train", "--model", "logistic-regression", "--batch-size", "1", "--epochs", "3", "--data-dir", data,
            .. CommandRun.Small];

        CommandRun collapsed = CommandRun.Succeed([.. settings, "--learning-rate", "50", "--out", folder["run"]]);
        CommandRun sound = CommandRun.Succeed([.. settings, "--learning-rate", "0.0001", "--out", folder["sound"]]);

        Assert.Matches($"^{Line}$", Assert.Single(collapsed.Lines, line => line.Contains("collapsed", StringComparison.Ordinal)));
        Assert.DoesNotContain("collapsed", sound.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void ASweepSaysSoOfTheRun()
    {
        const string Yaml =
            "recipe: {model: logistic-regression, backend: reference, epochs: 2, batch-size: 1}\naxes: {learning-rate: [50, "
                + "0.0001]}";
        string file = folder.Make("sweep.yaml", Encoding.UTF8.GetBytes(Yaml));

        CommandRun sweep = CommandRun.Succeed(
            "sweep", file, "--out", folder["out"], "--data-dir", data, "--threads", "1", "--jobs", "1");

        string line = Assert.Single(sweep.Lines, line => line.Contains("collapsed", StringComparison.Ordinal));
        Assert.Matches($"^\\S*50\\S* +{Line}$", line);
    }
}
