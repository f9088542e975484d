using DropoutLab.Dashboard.Report;
using DropoutLab.Dropout;
using DropoutLab.Experiments;
using DropoutLab.Tests.Experiments;
using DropoutLab.Tests.Explain;
using DropoutLab.Tests.Storage;
using Microsoft.Playwright;

namespace DropoutLab.Tests.Report;

/// <summary>The page in a real browser, from the file system.</summary>
public sealed class ReportBrowserTests
{
    /// <summary>Pairs of texts that lie on one another, and texts that leave their picture.</summary>
    private const string Collisions = """
        [...document.querySelectorAll('svg[role=img] .chart, svg.chart[role=img]')].flatMap(svg => {
            const frame = svg.getBoundingClientRect();
            const texts = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()]);
            const outside = texts.filter(([, a]) =>
                a.left < frame.left - 0.5 || a.right > frame.right + 0.5
                || a.top < frame.top - 0.5 || a.bottom > frame.bottom + 0.5);
            const pairs = texts.flatMap(([name, a], i) => texts.slice(i + 1).filter(([, b]) =>
                a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
                .map(([other]) => `${name} × ${other}`));
            return [...outside.map(([name]) => `${name} outside`), ...pairs];
        })
        """;

    [Fact]
    public async Task ItOpensFromTheFileSystemAndAsksForNothingElse()
    {
        await using Browser browser = await Browser.StartAsync();
        using TemporaryFolder folder = new();
        string file = await WritePage(folder, MadeUpSweep.Table1Rules, epochs: 10);

        OpenPage open = await browser.OpenAsync(file, Browser.Desktop, ColorScheme.Light);

        await open.AssertStandsAloneAsync(file, "table1");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(250)]
    public async Task NothingIsWiderThanThePageAndNoLabelLiesOnAnother(int epochs)
    {
        await using Browser browser = await Browser.StartAsync();
        using TemporaryFolder folder = new();
        DropoutRule[] rules = [.. MadeUpSweep.Table1Rules, DropoutRule.Augmented(0.2, 0.0002),
            DropoutRule.AugmentedIndependent(0.2, 0.01)];
        string file = await WritePage(folder, rules, epochs);

        foreach (int width in Browser.Widths)
            await AssertIsTidy(await browser.OpenAsync(file, width, ColorScheme.Light));
    }

    [Fact]
    public async Task SoItIsWithTable2()
    {
        await using Browser browser = await Browser.StartAsync();
        using TemporaryFolder folder = new();
        MadeUpSweep.Table2(folder["sweep"], seeds: 3, epochs: 30);
        string file = await WritePage(folder);

        foreach (int width in Browser.Widths)
            await AssertIsTidy(await browser.OpenAsync(file, width, ColorScheme.Light));
    }

    /// <summary>A list of sites with a ratio each is longer than a telephone is wide.</summary>
    [Fact]
    public async Task SoItIsWithRatiosOfSites()
    {
        await using Browser browser = await Browser.StartAsync();
        using TemporaryFolder folder = new();
        const string Sites = "conv1=0.1,conv2=0.125,conv3=0.2,fc1=0.5,fc2=0.25";
        MadeUpSweep sweep = new(
            folder["sweep"], "sites",
            [
                MadeUpSweep.Configuration("none"),
                MadeUpSweep.Configuration("standard:0.3") with { DropoutAt = SiteSelection.Parse(Sites) },
            ],
            seeds: 2);
        sweep.Finish("none", [0.7, 0.71], [1, 1.1]);
        sweep.Finish("standard:0.3", [0.72, 0.73], [1.2, 1.3]);
        string file = await WritePage(folder);

        Assert.Contains($"<code class=\"wraps\">{Sites}</code>",
            await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        foreach (int width in Browser.Widths)
            await (await browser.OpenAsync(file, width, ColorScheme.Light)).AssertFitsAsync();
    }

    [Fact]
    public async Task AMethodHasOneColourOnEveryPictureAndNoOtherHasIt()
    {
        await using Browser browser = await Browser.StartAsync();
        using TemporaryFolder folder = new();
        string file = await WritePage(folder, MadeUpSweep.Table1Rules, epochs: 3);

        foreach (ColorScheme scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            OpenPage open = await browser.OpenAsync(file, Browser.Desktop, scheme);
            string[] looks = await open.Page.EvaluateAsync<string[]>("""
                [...document.querySelectorAll('.legend-entry')].map(entry => {
                    const line = getComputedStyle(entry.querySelector('.line'));
                    return [entry.textContent.trim(), line.stroke, line.strokeDasharray,
                        entry.querySelector('.marker').getAttribute('d')].join('|');
                })
                """);
            string[] distinct = [.. looks.Distinct()];
            Assert.Equal(["plain", "standard", "forward", "backward"], distinct.Select(look => look.Split('|')[0]));
            Assert.All([1, 2, 3], part => Assert.Equal(4, distinct.Select(look => look.Split('|')[part]).Distinct().Count()));
        }
    }

    private static async Task AssertIsTidy(OpenPage open)
    {
        await open.AssertFitsAsync();
        Assert.NotEqual(0, await open.Page.Locator("svg.chart[role=img] text").CountAsync());
        Assert.Empty(await open.Page.EvaluateAsync<string[]>(Collisions));
    }

    private static Task<string> WritePage(TemporaryFolder folder, IReadOnlyList<DropoutRule> rules, int epochs)
    {
        MadeUpSweep sweep = MadeUpSweep.Table1(folder["sweep"], seeds: 3, epochs, rules);
        sweep.Fail("none-s1", epochs - 1,
            "a reason of many words, with/a/path/that/is/very/long/and/has/no/place/where/it/could/be/broken");
        return WritePage(folder);
    }

    /// <summary>The page of the sweep in the folder's folder of that name.</summary>
    private static async Task<string> WritePage(TemporaryFolder folder)
    {
        string file = folder["report.html"];
        await File.WriteAllTextAsync(file, await ReportDocument.RenderPageAsync(SweepSummary.Read(folder["sweep"])));
        return file;
    }
}
