using System.Globalization;
using DropoutLab.Dashboard.Charts;
using DropoutLab.Dashboard.Report;
using DropoutLab.Dashboard.Report.Text;
using DropoutLab.Dropout;
using DropoutLab.Experiments;
using DropoutLab.Experiments.Statistics;
using DropoutLab.Tests.Experiments;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Report;

/// <summary>The tables in the formats of other programs.</summary>
public sealed class ReportTableTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>
    /// Lines can be told apart without colours, however many second ratios there are of a rule; figure 1 has ratios of its own.
    /// </summary>
    [Fact]
    public void EveryMethodHasASignOfItsOwn()
    {
        string[] rules = ["none", "standard:0.3", "augmented:0.3/0.0001", "augmented:0.3/0.0002", "augmented:0.3/0.0003",
            "augmented-independent:0.3/0.0001"];
        MadeUpSweep sweep = new(folder.Root, rules, seeds: 1);
        sweep.Finish("none", [0.5], [1]);

        MethodGrid grid = MethodGrid.Of(SweepSummary.Read(folder.Root).Tables[0], 0);

        SeriesStyle[] styles = [Dashboard.Report.Method.StyleOf(DropoutKind.None),
            .. grid.Methods.Select(method => method.Style)];
        Assert.Equal(rules.Length, styles.DistinctBy(style => style.Dash).Count());
        Assert.Equal(rules.Length, styles.DistinctBy(style => style.Marker).Count());
        Assert.False(grid.IsOfFigure1);
    }

    /// <summary>Of more than there are dashes and markers, no two have both in common.</summary>
    [Fact]
    public void ManySecondRatiosHaveDashAndMarkerTogether()
    {
        string[] rules = ["none", "standard:0.3", .. Enumerable.Range(1, 12).Select(i => $"augmented:0.3/0.{i:0000}")];
        MadeUpSweep sweep = new(folder.Root, rules, seeds: 1);
        sweep.Finish("none", [0.5], [1]);

        MethodGrid grid = MethodGrid.Of(SweepSummary.Read(folder.Root).Tables[0], 0);

        SeriesStyle[] styles = [Dashboard.Report.Method.StyleOf(DropoutKind.None),
            .. grid.Methods.Select(method => method.Style)];
        Assert.Equal(rules.Length, styles.DistinctBy(style => (style.Dash, style.Marker)).Count());
    }

    /// <summary>Files have names of 255 bytes at most, and none that another has.</summary>
    [Fact]
    public void ALongScheduleHasAFileOfItsOwn()
    {
        string steps = string.Join(',', Enumerable.Range(1, 22).Select(i => $"0.{2 - i % 2}@{i}000"));
        MadeUpSweep sweep = new(
            folder.Root, [$"standard:0,{steps}", $"standard:0.2,{steps}", $"standard:0,{steps},0.3@31000"], seeds: 1);
        sweep.Finish($"standard:0,{steps}", [0.5], [1]);
        sweep.Finish($"standard:0.2,{steps}", [0.5], [1]);
        sweep.Finish($"standard:0,{steps},0.3@31000", [0.5], [1]);

        ReportFigures figures = new(MethodGrid.Of(SweepSummary.Read(folder.Root).Tables[0], 0));

        string[] names = [.. figures.Losses.Select(figure => figure.Name)];
        Assert.Equal(3, names.Distinct().Count());
        Assert.All(names, name => Assert.InRange(name.Length, 1, 100));
        Assert.All(figures.Losses.SelectMany(figure => figure.Charts), chart => Assert.InRange(chart.ShownTitle.Length, 1, 48));
        Assert.Contains("standard, epoch 2: ", figures.Losses[0].Charts[0].Description, StringComparison.Ordinal);
    }

    [Fact]
    public void CsvHasEveryDigitOfEveryCell()
    {
        SweepSummary summary = Table1();
        string[][] lines =
            [.. CsvTable.Render(summary).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(','))];
        int Column(string name) => Array.IndexOf(lines[0], name);

        Assert.Equal(20, lines.Length);
        Assert.All(lines, line => Assert.Equal(lines[0].Length, line.Length));
        foreach ((string[] line, CellSummary cell) in lines.Skip(1).Zip(summary.Tables[0].Cells))
        {
            Assert.Equal($"{cell.Dropout}", line[Column("dropout")]);
            Assert.Equal(cell.TestAccuracy.Mean, Number(line[Column("test_accuracy_mean")]));
            Assert.Equal(cell.TrainLoss.High, Number(line[Column("train_loss_high")]));
            Assert.Equal(cell.AgainstStandard?.TestLoss.Low, Number(line[Column("test_loss_over_standard_low")]));
            Assert.Equal(cell.PosterAccuracy, Number(line[Column("poster_accuracy")]));
        }
    }

    [Fact]
    public void CsvQuotesWhatItMust()
    {
        SweepSummary summary = Table1();
        TableSummary table = summary.Tables[0] with { Name = "dropout_at \"fc1\",fc2" };

        string csv = CsvTable.Render(summary with { Tables = [table] });

        Assert.Contains("\r\n\"dropout_at \"\"fc1\"\",fc2\",none,none,all,0.7579,2,", csv, StringComparison.Ordinal);
    }

    [Fact]
    public void MarkdownHasThePostersTableAndEveryCell()
    {
        SweepSummary summary = Table1();
        Estimate plain = summary.Tables[0].Cells[0].TestAccuracy;

        string[] lines = MarkdownTables.Render(summary).Split('\n');

        Assert.Contains("| method | p = 0.3 | p = 0.2 | p = 0.1 | p = 0.05 | p = 0.01 | p = 0.005 |", lines);
        string everywhere = string.Concat(Enumerable.Repeat($" {plain.Mean:f4} ± {plain.High - plain.Mean:f4} |", 6));
        Assert.Contains($"| plain |{everywhere}", lines);
        Assert.Contains("| forward, poster | 0.6908 | 0.7211 | 0.7482 | 0.7627 | 0.7612 | 0.7578 |", lines);
        Assert.Contains(
            "| dropout | n | test accuracy | s | poster | over plain | over standard | training loss | test loss |", lines);
        Assert.Single(lines, line => line.StartsWith("| backward:0.005 | 2 | ", StringComparison.Ordinal));
    }

    [Fact]
    public void LatexIsEscapedAndHasTheRulesOfBooktabs()
    {
        string latex = LatexTables.Render(Table1() with { Name = @"50% & more_{x}\~^#$<" });

        Assert.Contains(@"\caption{50\% \& more\_\{x\}\textbackslash{}\textasciitilde{}\textasciicircum{}\#\$$<$: test accuracy",
            latex, StringComparison.Ordinal);
        Assert.Contains("\\begin{tabular}{lrrrrrr}\n\\toprule\nmethod & p = 0.3 & ", latex, StringComparison.Ordinal);
        Assert.Contains(
            @"standard, poster & 0.7523 & 0.7617 & 0.7657 & 0.7647 & 0.7626 & 0.7608 \\", latex, StringComparison.Ordinal);
        Assert.Contains(@" $\pm$ ", latex, StringComparison.Ordinal);
        Assert.DoesNotContain(latex, character => character > 127);
        Assert.Equal(2, latex.Split(@"\bottomrule").Length - 1);
    }

    [Fact]
    public void Table2HasATableForEachDataSet()
    {
        MadeUpSweep.Table2(folder.Root, seeds: 2, epochs: 1);
        SweepSummary summary = SweepSummary.Read(folder.Root);

        string[] lines = MarkdownTables.Render(summary).Split('\n');

        Assert.Equal(3, lines.Count(line => line == "| method | p = 0.3 | p = 0.2 | p = 0.1 |"));
        Assert.Contains(
            "table2, dataset svhn: test accuracy over drop probability, mean ± half the width of the 95% interval", lines);
        Assert.Contains("| augmented, q = 0.0002, poster | 0.9667 | 0.9648 | 0.9627 |", lines);
        Assert.Contains("| standard, poster | 0.6686 | 0.6748 | 0.6762 |", lines);
        Assert.Equal(3, lines.Count(
            line => line == "| dropout | n | test accuracy | s | poster | over standard | training loss | test loss |"));
        Assert.Equal(
            18, CsvTable.Render(summary).Split("\r\n").Count(line => line.StartsWith("dataset ", StringComparison.Ordinal)));
        Assert.Contains("\r\ndataset cifar100,augmented-0.3-0.0001-cifar100,augmented:0.3/0.0001,all,0.6688,2,",
            CsvTable.Render(summary), StringComparison.Ordinal);
    }

    [Fact]
    public void AListIsEnoughWhereThereIsOneRatio()
    {
        MadeUpSweep.Table1(folder.Root, seeds: 2, epochs: 1, [DropoutRule.None, DropoutRule.Standard(0.5)]);

        string markdown = MarkdownTables.Render(SweepSummary.Read(folder.Root));

        Assert.DoesNotContain("| method |", markdown, StringComparison.Ordinal);
        Assert.Contains("| standard:0.5 | 2 | ", markdown, StringComparison.Ordinal);
    }

    private SweepSummary Table1()
    {
        MadeUpSweep.Table1(folder.Root, seeds: 2, epochs: 1);
        return SweepSummary.Read(folder.Root);
    }

    private static double? Number(string text) => text.Length > 0 ? double.Parse(text, CultureInfo.InvariantCulture) : null;
}
