using DropoutLab.Cli;
using DropoutLab.Cli.Display;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Cli;

/// <summary>Commands on terminals of several widths: live lines fit, and no word of a table is broken.</summary>
public sealed class NarrowTerminalTests
{
    public static TheoryData<int> Widths => [1, 20, 40, 80, 200];

    [Theory]
    [MemberData(nameof(Widths))]
    public void ATrainingAndItsEvaluation(int width)
    {
        using TemporaryFolder folder = new();
        string data = TinyCifar.Make(folder), run = folder["运行"];
        FixedTerminal terminal = new(width);

        terminal.Succeed(
            [
                "train", "--model", "logistic-regression", "--epochs", "2", "--dropout", "standard:0.1",
                "--data-dir", data, "--out", run, .. CommandRun.Small,
            ]);
        Assert.True(terminal.LiveLines.Count > 0 || width < 20);
        terminal.Succeed(["evaluate", run, "--monte-carlo", "2", "--data-dir", data, .. CommandRun.Small]);

        terminal.AssertFits(terminal.LiveLines);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void AMeasurement(int width)
    {
        FixedTerminal terminal = new(width);

        terminal.Succeed(
            [
                "bench", "--model", "logistic-regression", "--warm-up", "1", "--steps", "1",
                "--dropout", "none", "augmented-independent:0.3/0.0002", .. CommandRun.Small,
            ]);

        Assert.Contains(terminal.Lines, line => line.Contains("augmented-independent:0.3/0.0002", StringComparison.Ordinal));
        terminal.AssertFits(terminal.LiveLines);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void HelpAndFacts(int width)
    {
        FixedTerminal terminal = new(width);

        terminal.Succeed("--help");
        terminal.Succeed("train", "--help");
        terminal.Succeed("info");

        Assert.Contains(terminal.Lines, line => line.Contains("processor", StringComparison.Ordinal));
    }

    /// <summary>A folder's path is the widest that a table has.</summary>
    [Theory]
    [InlineData("数据", 1)]
    [InlineData("数据", 20)]
    [InlineData("数据", 40)]
    [InlineData("数据", 80)]
    [InlineData("数据", 200)]
    [InlineData("with many words in it ", 40)]
    [InlineData("with many words in it ", 80)]
    public void DataSetsInALongPath(string part, int width)
    {
        using TemporaryFolder folder = new();
        string path = folder[string.Concat(Enumerable.Repeat(part, 100 / CellText.Width(part))).TrimEnd()];
        folder.Make(Path.Combine(path, "data_batch_1.bin"), []);
        Directory.Move(TinyCifar.Make(folder), Path.Combine(path, "cifar-10-batches-bin"));
        FixedTerminal terminal = new(width);

        terminal.Succeed("data", "list", "--data-dir", path);

        string row = Assert.Single(terminal.Lines, line => line.Contains("cifar10 ", StringComparison.Ordinal));
        Assert.Matches("^(│ )?cifar10 +(│ )?CIFAR-10 ", row);
        Assert.Contains(path, row, StringComparison.Ordinal);
    }

    [Fact]
    public void ATableIsFramedWhereItsCellsFit()
    {
        Assert.Equal(
            [
                "╭────────┬──────────╮",
                "│ 名前   │ accuracy │",
                "├────────┼──────────┤",
                "│ 中文字 │      0.9 │",
                "│ e\u0301      │     0.85 │",
                "╰────────┴──────────╯",
            ],
            Table(width: 21));
        Assert.Equal(["名前    accuracy", "中文字       0.9", "e\u0301           0.85"], Table(width: 20));
    }

    private static IEnumerable<string> Table(int width)
    {
        FixedTerminal terminal = new(width);
        ResultTable table = new(terminal.Console, "名前", "accuracy");
        table.AddRow("中文字", "0.9");
        table.AddRow("e\u0301", "0.85");
        table.Write();
        return terminal.Lines.Select(line => line.TrimEnd());
    }
}
