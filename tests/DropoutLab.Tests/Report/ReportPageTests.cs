using System.Net;
using System.Text.Json;
using DropoutLab.Dashboard.Report;
using DropoutLab.Dropout;
using DropoutLab.Experiments;
using DropoutLab.Experiments.Statistics;
using DropoutLab.Tests.Experiments;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Report;

/// <summary>What the page says is what the summary has.</summary>
public sealed class ReportPageTests
{
    [Fact]
    public async Task EveryNumberIsTheSummarysAndEveryMeanIsThere()
    {
        using TemporaryFolder folder = new();
        MadeUpSweep sweep = MadeUpSweep.Table1(folder.Root, seeds: 3, epochs: 4);
        sweep.Cut("forward-0.2-s3", 2);
        sweep.Cut("backward-0.3-s2", 3);
        sweep.Cut("backward-0.3-s3", 0);
        SweepSummary summary = SweepSummary.Read(folder.Root);
        JsonElement json = JsonDocument.Parse(summary.ToJson()).RootElement;

        IReadOnlyList<PageElement> elements = PageElement.All(await ReportDocument.RenderPageAsync(summary));

        Assert.All(elements, element => element.AssertIsThatOf(json));
        HashSet<string> paths = [.. elements.Select(element => element.Path)];
        Assert.DoesNotContain(PathsOf(json), path => !paths.Contains(path));
    }

    /// <summary>Numbers by hand, with t(1) = 12.706205 and t(2) = 4.302653; the plain network lacks the third seed.</summary>
    [Theory]
    [InlineData("span", "tables.0.cells.none.test_accuracy", "0.7100 ± 0.1271")]
    [InlineData("span", "tables.0.cells.standard-0.2.test_accuracy.n", "3")]
    [InlineData("span", "tables.0.cells.standard-0.2.test_accuracy", "0.7400 ± 0.0745")]
    [InlineData("span", "tables.0.cells.standard-0.2.test_accuracy.standard_deviation", "0.0300")]
    [InlineData("span", "tables.0.cells.standard-0.2.poster_accuracy", "0.7617")]
    [InlineData("span", "tables.0.cells.standard-0.2.against_plain.test_accuracy", "+0.0150 ± 0.0635")]
    [InlineData("span", "tables.0.cells.standard-0.2.train_loss", "1.5000 ± 0.2484")]
    [InlineData("span", "tables.0.cells.standard-0.2.test_loss", "1.2000 ± 0.0000")]
    [InlineData("span", "tables.0.poster_distance", "0.0372")]
    [InlineData("span", "tables.0.observations.0.statements.0.difference.n", "0")]
    [InlineData("span", "runs.standard-0.2-s2.test_accuracy", "0.7400")]
    [InlineData("span", "runs.standard-0.2-s2.train_loss", "1.5000")]
    [InlineData("span", "runs.standard-0.2-s2.test_loss", "1.2000")]
    [InlineData("path", "tables.0.cells.standard-0.2.curve.1.train_loss", "standard, epoch 2: 1.5000 ± 0.2484 (n = 3)")]
    [InlineData("path", "tables.0.cells.none.test_accuracy", "plain: 0.7100 ± 0.1271 (n = 2)")]
    [InlineData("path", "tables.0.cells.standard-0.2.test_accuracy", "standard, p = 0.2: 0.7400 ± 0.0745 (n = 3)")]
    [InlineData("path", "tables.0.cells.none.poster_accuracy", "the poster’s plain: 0.7579")]
    public async Task AReaderSeesTheNumberRounded(string tag, string place, string text)
    {
        string page = await PageOfFewerPairs();

        IEnumerable<PageElement> elements = PageElement.All(page).Where(element => (element.Tag, element.Path) == (tag, place));
        Assert.Equal([text], elements.Select(element => element.Text).Distinct());
    }

    [Fact]
    public async Task ADifferenceHasItsIntervalsEndsAndItsOwnCountBehindIt()
    {
        string page = WebUtility.HtmlDecode(await PageOfFewerPairs());

        Assert.Contains("""<span class="interval">[−0.0485, +0.0785]</span>""", page, StringComparison.Ordinal);
        Assert.Equal(1, page.Split("""<span class="interval">n = 2</span>""").Length - 1);
        Assert.DoesNotContain("""<span class="interval">n = 3</span>""", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StatesCountsReasonsAndVerdictsAreThere()
    {
        using TemporaryFolder folder = new();
        MadeUpSweep sweep = MadeUpSweep.Table1(folder.Root, seeds: 3, epochs: 2);
        sweep.Fail("none-s3", 1, "a loss <that> is not a number");
        sweep.Cut("forward-0.2-s1", 1);

        SweepSummary summary = SweepSummary.Read(folder.Root);
        string page = await ReportDocument.RenderPageAsync(summary);

        Assert.Contains("<strong>55</strong> of 57 runs finished", page, StringComparison.Ordinal);
        Assert.Contains("<strong>1</strong> failed", page, StringComparison.Ordinal);
        Assert.Contains("<strong>1</strong> interrupted", page, StringComparison.Ordinal);
        Assert.Contains("a loss &lt;that&gt; is not a number", page, StringComparison.Ordinal);
        Assert.Contains("A processor of 16 cores with AVX2", page, StringComparison.Ordinal);
        foreach ((Verdict verdict, string symbol) in ((Verdict, string)[])[(Verdict.Supported, "✓"), (Verdict.Refuted, "✗"),
            (Verdict.Undecided, "?")])
        {
            // An observation's verdict is in the head and at its statements.
            int count = summary.Tables[0].Observations.Sum(observation => (observation.Verdict == verdict ? 2 : 0)
                + observation.Statements.Count(statement => statement.Verdict == verdict));
            string word = verdict.ToString().ToLowerInvariant();
            Assert.Equal(count, page.Split(
                $"""<span class="verdict {word}"><span aria-hidden="true">{symbol}</span> {word}</span>""").Length - 1);
        }

        Assert.Equal(57, page.Split("""<td class="state">""").Length - 1);
    }

    [Fact]
    public async Task Table2HasASectionForEachDataSetAndNoFigure1()
    {
        using TemporaryFolder folder = new();
        MadeUpSweep.Table2(folder.Root, seeds: 3, epochs: 2);
        SweepSummary summary = SweepSummary.Read(folder.Root);
        JsonElement json = JsonDocument.Parse(summary.ToJson()).RootElement;

        string page = await ReportDocument.RenderPageAsync(summary);
        IReadOnlyDictionary<string, string> pictures = await ReportDocument.RenderPicturesAsync(summary);

        foreach (string dataset in PosterTable2.Datasets)
            Assert.Contains($">dataset {dataset}</h2>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Figure 1", page, StringComparison.Ordinal);
        Assert.DoesNotContain("over plain", page, StringComparison.Ordinal);
        HashSet<string> paths = [.. PageElement.All(page).Select(element => element.Path)];
        Assert.All(PageElement.All(page), element => element.AssertIsThatOf(json));
        Assert.Contains("tables.2.cells.augmented-0.3-0.0001-cifar100.against_standard.test_accuracy", paths);
        Assert.Contains("tables.2.observations.0.statements.2.difference", paths);
        Assert.Equal(
            ["accuracy.svg", "loss-0.1.svg", "loss-0.2.svg", "loss-0.3.svg", "losses.svg"],
            pictures.Keys
                .Where(name => !name.Contains("-2.", StringComparison.Ordinal) && !name.Contains("-3.", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
        Assert.Equal(6, pictures["losses.svg"].Split("aria-label=\"p = ").Length - 1);
    }

    [Fact]
    public async Task ASweepThatHasNotBegunHasAPage()
    {
        using TemporaryFolder folder = new();
        MadeUpSweep.Table1(folder.Root, seeds: 2, epochs: 2);
        Directory.Delete(folder["runs"], recursive: true);

        string page = await ReportDocument.RenderPageAsync(SweepSummary.Read(folder.Root));

        Assert.Contains("<strong>38</strong> waiting", page, StringComparison.Ordinal);
        Assert.Contains("No run has completed an epoch yet", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SweepsUnlikeThePostersHaveAPage()
    {
        using TemporaryFolder folder = new();
        DropoutRule[] rules = [DropoutRule.Augmented(0.1, 0.0002), DropoutRule.Augmented(0.1, 0.01),
            DropoutRule.Parse("standard:0..0.3@40"), DropoutRule.None];
        MadeUpSweep.Table1(folder.Root, seeds: 1, epochs: 1, rules);
        SweepSummary summary = SweepSummary.Read(folder.Root);

        string page = await ReportDocument.RenderPageAsync(summary);

        Assert.Contains("augmented, q = 0.0002", page, StringComparison.Ordinal);
        Assert.Contains("standard:0..0.3@40", page, StringComparison.Ordinal);
        Assert.All(PageElement.All(page), element => element.AssertIsThatOf(JsonDocument.Parse(summary.ToJson()).RootElement));
    }

    private static async Task<string> PageOfFewerPairs()
    {
        using TemporaryFolder folder = new();
        MadeUpSweep sweep = new(folder.Root, ["none", "standard:0.2"], seeds: 3);
        sweep.Finish("none", [0.70, 0.72], [1, 1.25]);
        sweep.Finish("standard:0.2", [0.71, 0.74, 0.77], [1.4, 1.5, 1.6]);
        return await ReportDocument.RenderPageAsync(SweepSummary.Read(folder.Root));
    }

    /// <summary>
    /// The places of all that the page must show: every cell's estimates and curves, every statement, every run.
    /// </summary>
    private static IEnumerable<string> PathsOf(JsonElement summary)
    {
        foreach (JsonElement cell in summary.GetProperty("tables")[0].GetProperty("cells").EnumerateArray())
        {
            string path = $"tables.0.cells.{cell.GetProperty("name").GetString()}";
            yield return $"{path}.poster_accuracy";
            foreach (string measure in (string[])["test_accuracy", "train_loss", "test_loss"])
                yield return $"{path}.{measure}";
            foreach (string against in (string[])["against_plain", "against_standard"])
            {
                if (cell.GetProperty(against).ValueKind != JsonValueKind.Null)
                    yield return $"{path}.{against}.test_accuracy";
            }

            for (int i = 0; i < cell.GetProperty("curve").GetArrayLength(); i++)
            {
                yield return $"{path}.curve.{i}.train_loss";
                yield return $"{path}.curve.{i}.test_loss";
            }
        }

        foreach ((int i, JsonElement observation) in summary.GetProperty("tables")[0].GetProperty("observations")
            .EnumerateArray().Index())
        {
            for (int j = 0; j < observation.GetProperty("statements").GetArrayLength(); j++)
                yield return $"tables.0.observations.{i}.statements.{j}.difference";
        }

        foreach (JsonElement run in summary.GetProperty("runs").EnumerateArray()
            .Where(run => run.GetProperty("test_accuracy").GetArrayLength() > 0))
            yield return $"runs.{run.GetProperty("name").GetString()}.test_accuracy";
    }
}
