using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Experiments;

/// <summary>
/// What is wrong with a sweep's file is said before anything is trained: each mistake in a line, with line and key.
/// </summary>
public sealed class SweepMistakeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("recipe:\n  epoch: 3", "line 2, epoch: ", "epochs")]
    [InlineData("recipe:\n  out: x", "line 2, out: ", "no such option")]
    [InlineData("axes:\n  seed: [1, 2]", "line 2, seed: ", "seeds")]
    [InlineData("recipe:\n  model: mlp\n  epochs: ten", "line 3, epochs: ", "'ten' is not a whole number")]
    [InlineData("axes:\n  dropout:\n    - none\n    - standard:1.5", "line 4, dropout: ", "ratio 1.5", "from 0 up to")]
    [InlineData("axes:\n  dropout: [none]\n  mask-sharing: nobody", "line 3, mask-sharing: ", "per-datum")]
    [InlineData("recipe:\n  dropout-at: conv9\naxes:\n  dropout: [standard:0.1]", "line 2, dropout-at: ", "conv9",
        "conv1, conv2, conv3, fc1, fc2")]
    [InlineData("axes:\n  mask-sharing:\n    - shape:*,1,1,*\n  dropout: [standard:0.1]", "line 3, mask-sharing: ",
        "does not fit", "[100, 1024]")]
    [InlineData("recipe:\n  dataset: fashion-mnist\n  model: mlp\n  dropout-at: fc1\n  mask-sharing: shape:*,3072\naxes:\n  "
        + "dropout: [standard:0.1]", "line 5, mask-sharing: ", "does not fit", "[100, 1024]")]
    [InlineData("cells:\n  - dropout: standard:0.1\n    model: mlp\n    dropout-at: fc1\n  - model: mlp\n    dropout: "
        + "standard:0.1\n    dropout-at: conv2", "line 7, dropout-at: ", "mlp has no dropout site conv2")]
    [InlineData("recipe:\n  backend: reference\naxes:\n  precision:\n    - f32\n    - bf16", "line 6, precision: ",
        "--backend onednn")]
    [InlineData("axes:\n  augment:\n    - none\n    - shift", "line 4, augment: ", "'shift'", "crop+flip")]
    [InlineData("recipe:\n  model: mlp\naxes:\n  recipe:\n    - poster\n    - quick", "line 6, recipe: ",
        "mlp has no recipe quick")]
    [InlineData("cells:\n  - dropout: none\n  - epochs: 10\n    dropout: none", "line 4, cell: ", "same as the cell of line 2")]
    [InlineData("axes:\n  dropout: [none, standard:0.1]\n  dropout-at:\n    - all\n    - fc1", "line 5, cell: ",
        "without dropout there are no sites")]
    public void InOneLine(string yaml, params string[] parts)
    {
        string file = folder.Make("sweep.yaml", System.Text.Encoding.UTF8.GetBytes(yaml));

        CommandRun.Of("sweep", file, "--out", folder["out"]).FailsWith([$"{file}, ", .. parts]);

        Assert.False(Directory.Exists(folder["out"]));
    }

    [Fact]
    public void AllOfThem()
    {
        string file = folder.Make("sweep.yaml", "recipe:\n  epochs: 0\n  bogus: 1\naxes:\n  dropout: [maybe]\nseeds: x"u8);

        CommandRun run = CommandRun.Of("sweep", file, "--out", folder["out"]);

        Assert.Equal(2, run.ExitCode);
        string[] lines = run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["line 2, epochs", "line 3, bogus", "line 5, dropout", "line 6, seeds"],
            lines.Select(line => line.Split(": ")[1][(file.Length + 2)..]));
    }

    [Fact]
    public void AFileThatIsNotThere() =>
        CommandRun.Of("sweep", folder["no.yaml"], "--out", folder["out"]).FailsWith("no.yaml", "there is no such file");
}
