using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Explain;

/// <summary>The command writes what it says, twice the same, and refuses in one line what it cannot show.</summary>
public sealed class ExplainCommandTests
{
    [Fact]
    public void ThePageAndItsPicturesAreWritten()
    {
        using TemporaryFolder folder = new();

        CommandRun run = CommandRun.Succeed("explain", "--out", folder["a.html"], "--svg", folder["pictures"]);
        CommandRun.Succeed("explain", "--seed", "1", "--batch", "3", "--dropout", "standard:0.5", "--out", folder["b.html"]);

        Assert.Equal(2, run.Lines.Count);
        Assert.Equal(14, Directory.GetFiles(folder["pictures"], "*.svg").Length);
        Assert.Equal(File.ReadAllBytes(folder["a.html"]), File.ReadAllBytes(folder["b.html"]));
    }

    [Theory]
    [InlineData("--seed", "2")]
    [InlineData("--batch", "4")]
    [InlineData("--ratio", "0.4")]
    [InlineData("--dropout", "backward")]
    [InlineData("--step", "18")]
    [InlineData("--mask", "x1:2.3=0,x1:2.4=0,x1:2.5=0")]
    public void EveryOptionGivesAnotherExample(string option, string value)
    {
        using TemporaryFolder folder = new();
        CommandRun.Succeed("explain", "--out", folder["a.html"]);
        CommandRun.Succeed("explain", option, value, "--out", folder["b.html"]);

        Dictionary<string, double[]> first = PageNumbers.Read(File.ReadAllText(folder["a.html"]));
        Dictionary<string, double[]> second = PageNumbers.Read(File.ReadAllText(folder["b.html"]));
        Assert.NotEqual(first["per-datum.grad_weight"], second["per-datum.grad_weight"]);
    }

    [Fact]
    public void TheCommandOnThePageWritesThePage()
    {
        using TemporaryFolder folder = new();
        CommandRun.Succeed(
            "explain", "--seed", "5", "--ratio", "0.2", "--dropout", "none", "--step", "3", "--mask", "h1:1.2=0,h2:3.4=1",
            "--out", folder["a.html"]);
        string page = File.ReadAllText(folder["a.html"]);
        const string start = "<code data-text=\"command\">dropoutlab ";
        string command = page[(page.IndexOf(start, StringComparison.Ordinal) + start.Length)..];
        command = command[..command.IndexOf('<', StringComparison.Ordinal)];

        CommandRun.Succeed([.. command.Split(' '), "--out", folder["b.html"]]);

        Assert.Equal(page, File.ReadAllText(folder["b.html"]));
    }

    [Theory]
    [InlineData("--batch", "9", "from 1 to 8")]
    [InlineData("--batch", "0", "from 1 to 8")]
    [InlineData("--ratio", "1", "'1' is not a ratio")]
    [InlineData("--ratio", "half", "'half' is not a ratio")]
    [InlineData("--dropout", "sideways", "'sideways' is no rule")]
    [InlineData("--step", "-1", "'-1' is not a whole number")]
    [InlineData("--mask", "x1", "'x1' is not an element of a mask")]
    [InlineData("--seed", "-1", "'-1' is not a whole number")]
    public void WhatCannotBeShownIsRefusedInOneLine(string option, string value, string message) =>
        CommandRun.Of("explain", option, value).FailsWith([option, message]);

    [Fact]
    public void ARatioGivenTwiceIsRefused() =>
        CommandRun.Of("explain", "--ratio", "0.3", "--dropout", "forward:0.5")
            .FailsWith(["--ratio", "--dropout forward:0.5", "leave out one"]);

    [Fact]
    public void NothingIsLeftWhereThePageCannotBeWritten()
    {
        using TemporaryFolder folder = new();

        CommandRun.Of("explain", "--out", folder["missing", "a.html"]).FailsWith(["a.html", "its folder does not exist"]);

        Assert.Empty(folder.Files());
    }
}
