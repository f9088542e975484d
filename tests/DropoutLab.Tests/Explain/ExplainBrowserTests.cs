using System.Globalization;
using DropoutLab.Dashboard.Explain;
using DropoutLab.Explanations;
using DropoutLab.Tests.Storage;
using Microsoft.Playwright;

namespace DropoutLab.Tests.Explain;

/// <summary>The page in a real browser, from the file system.</summary>
public sealed class ExplainBrowserTests
{
    [Fact]
    public async Task ItOpensFromTheFileSystemAndAsksForNothingElse()
    {
        await using Browser browser = await Browser.StartAsync();
        using TemporaryFolder folder = new();
        string file = await WritePage(folder, ExplanationTests.Compute(1, 3, "standard:0.5"));

        OpenPage open = await browser.OpenAsync(file, Browser.Desktop, ColorScheme.Light);

        await open.AssertStandsAloneAsync(file, "One mask for each datum, one backward pass for all", scripts: 2);
    }

    [Theory]
    [InlineData("standard:0.5", 3)]
    [InlineData("augmented:0.99/0.99", 8)]
    public async Task NothingIsWiderThanThePage(string rule, int batchSize)
    {
        await using Browser browser = await Browser.StartAsync();
        using TemporaryFolder folder = new();
        string file = await WritePage(folder, ExplanationTests.Compute(1, batchSize, rule));

        foreach (int width in Browser.Widths)
            await (await browser.OpenAsync(file, width, ColorScheme.Light)).AssertFitsAsync();
    }

    [Theory]
    [InlineData("standard:0.5", 3)]
    [InlineData("forward:0.99", 8)]
    public async Task NumbersStayWithinTheirCellsAndTextsWithinTheirPictures(string rule, int batchSize)
    {
        await using Browser browser = await Browser.StartAsync();
        using TemporaryFolder folder = new();

        OpenPage open = await browser.OpenAsync(
            await WritePage(folder, ExplanationTests.Compute(1, batchSize, rule)), Browser.Desktop, ColorScheme.Light);
        double beyondCell = await open.Page.EvaluateAsync<double>("""
            Math.max(...[...document.querySelectorAll('svg.matrix')].flatMap(svg => {
                const cells = svg.querySelectorAll('.cell'), numbers = svg.querySelectorAll('.number');
                return [...numbers].map((number, i) => number.getBBox().width - cells[i].getBBox().width);
            }))
            """);
        double beyondPicture = await open.Page.EvaluateAsync<double>("""
            Math.max(...[...document.querySelectorAll('svg[role=img] text')].flatMap(text => {
                const box = text.getBoundingClientRect(), frame = text.ownerSVGElement.getBoundingClientRect();
                return [frame.left - box.left, box.right - frame.right];
            }))
            """);

        Assert.InRange(beyondCell, -1e3, 0); // of nothing it would be −∞
        Assert.InRange(beyondPicture, -1e4, 0);
    }

    [Fact]
    public async Task TheNumbersInTheBrowserAreTheExplanations()
    {
        await using Browser browser = await Browser.StartAsync();
        using TemporaryFolder folder = new();
        Explanation explanation = ExplanationTests.Compute(3, 3, "standard:0.5");

        OpenPage open = await browser.OpenAsync(await WritePage(folder, explanation), Browser.Phone, ColorScheme.Dark);
        string[] shown = await open.Page.EvaluateAsync<string[]>(
            "[...document.querySelectorAll('[id=\"8-difference\"] [data-array=\"per-datum.grad_weight\"] [data-value]')].map(e "
                + "=> e.dataset.value)");

        Assert.Equal(explanation.MaskPerDatum.Audit.WeightGradient.Values,
            shown.Select(text => double.Parse(text, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task DarkIsDarkAndPrintIsNot()
    {
        await using Browser browser = await Browser.StartAsync();
        using TemporaryFolder folder = new();
        string file = await WritePage(folder, ExplanationTests.Compute(1, 3, "standard:0.5"));
        OpenPage light = await browser.OpenAsync(file, Browser.Desktop, ColorScheme.Light),
            dark = await browser.OpenAsync(file, Browser.Desktop, ColorScheme.Dark);

        Assert.True(await Brightness(light.Page, "backgroundColor") > 230);
        Assert.True(await Brightness(dark.Page, "backgroundColor") < 40);
        Assert.True(await Brightness(dark.Page, "color") > 200);
        await dark.Page.EmulateMediaAsync(new() { Media = Media.Print });
        Assert.True(await Brightness(dark.Page, "backgroundColor") > 230);
        Assert.True(await Brightness(dark.Page, "color") < 60);
    }

    private static async Task<string> WritePage(TemporaryFolder folder, Explanation explanation)
    {
        string file = folder["explain.html"];
        await File.WriteAllTextAsync(file, await ExplainDocument.RenderPageAsync(explanation));
        return file;
    }

    /// <summary>The mean of red, green and blue of the body's colour, 0 to 255.</summary>
    private static Task<double> Brightness(IPage page, string property) => page.EvaluateAsync<double>(
        "property => { const c = getComputedStyle(document.body)[property].match(/[0-9.]+/g).map(Number); return (c[0] + c[1] + "
            + "c[2]) / 3; }", property);
}
