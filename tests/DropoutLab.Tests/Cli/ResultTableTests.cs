using DropoutLab.Cli;
using DropoutLab.Cli.Display;

namespace DropoutLab.Tests.Cli;

public sealed class ResultTableTests
{
    /// <summary>In a file a line is as long as it must be.</summary>
    [Fact]
    public void ARowIsALineHoweverLong()
    {
        StringWriter output = new();
        CommandConsole console = new(output, new StringWriter(), CancellationToken.None);
        ResultTable table = new(console, "dropout", "<where it lies", "ms", "images/s");
        string path = $"/home/{new string('a', 150)}";
        table.AddRow("augmented-independent:0.3/0.0002", path, "133.52", "959");
        table.AddRow("none", "b", "9.10", "1,200");

        table.Write();

        Assert.Equal(
            [
                "dropout                           where it lies" + new string(' ', 143) + "      ms  images/s",
                $"augmented-independent:0.3/0.0002  {path}  133.52       959",
                "none                              b" + new string(' ', 155) + "    9.10     1,200",
            ],
            output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd()));
    }
}
