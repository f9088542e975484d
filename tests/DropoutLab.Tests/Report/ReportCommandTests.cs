using System.Xml.Linq;
using DropoutLab.Experiments;
using DropoutLab.Runs;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Experiments;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Report;

/// <summary>The command writes what it says where it says, and refuses in one line what it cannot.</summary>
public sealed class ReportCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ThePageGoesIntoTheFolderAndPicturesAreWholeFiles()
    {
        MadeUpSweep.Table1(folder["sweep"], seeds: 2, epochs: 3);

        CommandRun run = CommandRun.Succeed("report", folder["sweep"], "--svg", folder["pictures"]);

        Assert.Equal(2, run.Lines.Count);
        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(folder["sweep", "report.html"]), StringComparison.Ordinal);
        Assert.Equal(
            ["accuracy.svg", "figure-1.svg", "loss-0.005.svg", "loss-0.01.svg", "loss-0.05.svg", "loss-0.1.svg", "loss-0.2.svg",
                "loss-0.3.svg"],
            Directory.GetFiles(folder["pictures"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(Directory.GetFiles(folder["pictures"]), AssertIsAPicture);
        Assert.Equal(6, XDocument.Load(folder["pictures", "figure-1.svg"]).Root!.Elements()
            .Count(element => element.Name.LocalName == "svg"));
    }

    [Theory]
    [InlineData("csv", "table,cell,dropout,")]
    [InlineData("markdown", "table1: test accuracy")]
    [InlineData("latex", "% needs \\usepackage{booktabs}")]
    public void TablesGoToStandardOutputOrIntoAFile(string format, string beginning)
    {
        MadeUpSweep.Table1(folder["sweep"], seeds: 2, epochs: 1);

        CommandRun shown = CommandRun.Succeed("report", folder["sweep"], "--format", format, "--svg", folder["pictures"]);
        CommandRun written = CommandRun.Succeed("report", folder["sweep"], "--format", format, "--out", folder["table"]);

        Assert.StartsWith(beginning, shown.Output, StringComparison.Ordinal);
        Assert.Contains("wrote 8 pictures", shown.Error, StringComparison.Ordinal);
        Assert.Equal(shown.Output, File.ReadAllText(folder["table"]));
        Assert.Equal($"wrote {folder["table"]}", Assert.Single(written.Lines));
        Assert.False(File.Exists(folder["sweep", "report.html"]));
    }

    [Fact]
    public void ASingleRunIsASweepOfOne()
    {
        string data = TinyCifar.Make(folder), run = folder["alone"];
        CommandRun.Succeed(
            ["train", "--model", "logistic-regression", "--epochs", "2", "--data-dir", data, "--out", run, .. CommandRun.Small]);

        SweepSummary summary = SweepSummary.Read(run), live = new SweepReader(run).Read();
        CommandRun.Succeed("report", run);

        double last = MetricsFile.Read(run)[^1].TestAccuracy;
        Assert.Equal(("alone", RunState.Finished), (summary.Name, Assert.Single(summary.Runs).State));
        Assert.Equal(last, Assert.Single(Assert.Single(summary.Tables).Cells).TestAccuracy!.Mean);
        Assert.Equal(summary.ToJson(), live.ToJson());
        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(folder["alone", "report.html"]), StringComparison.Ordinal);
        Assert.False(File.Exists(folder["alone", "sweep.json"]));
    }

    [Fact]
    public void WhatIsNoSweepIsRefused() => CommandRun.Of("report", folder.Root).FailsWith([folder.Root, "is no sweep's folder"]);

    [Fact]
    public void WhatIsNoFormatIsRefused() =>
        CommandRun.Of("report", folder.Root, "--format", "pdf")
            .FailsWith(["--format", "'pdf' is no format: use html, csv, markdown, latex"]);

    /// <summary>It can be read by itself: XML with its own colours and nothing from elsewhere.</summary>
    private static void AssertIsAPicture(string file)
    {
        XElement root = XDocument.Load(file).Root!;
        XNamespace svg = "http://www.w3.org/2000/svg";
        Assert.Equal(svg + "svg", root.Name);
        Assert.Contains("--forward-colour: #d55e00;", root.Element(svg + "style")!.Value, StringComparison.Ordinal);
        Assert.NotEmpty(root.Element(svg + "title")!.Value);
        Assert.DoesNotContain(root.Descendants().Attributes(), attribute => attribute.Name.LocalName is "href" or "src");
        string[] styles = [.. root.Descendants(svg + "g").Attributes("class").Select(name => name.Value)];
        Assert.All(
            (string[])["plain", "standard", "forward", "backward"],
            method => Assert.Contains(styles, style => style.StartsWith($"{method}-series", StringComparison.Ordinal)));
    }
}
