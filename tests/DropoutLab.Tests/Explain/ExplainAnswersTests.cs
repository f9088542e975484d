using DropoutLab.Dashboard.Explain;
using DropoutLab.Dropout;
using DropoutLab.Explanations;
using DropoutLab.Tests.Storage;
using Microsoft.Playwright;

namespace DropoutLab.Tests.Explain;

/// <summary>
/// The page answers what the engine would: whatever its script has made of it, it is the page that the command writes of the same
/// masks, in every number, text and mark.
/// </summary>
public sealed class ExplainAnswersTests
{
    private const ulong Seed = 5;
    private const int BatchSize = 3;

    /// <summary>Where two pages differ: the one in the browser, and the one of a text. Geometry is not compared.</summary>
    private const string Compare = """
        html => {
            const differences = [];
            const names = ['data-array', 'data-text', 'data-when', 'hidden', 'class', 'aria-label'];
            const ownText = element =>
                [...element.childNodes].filter(node => node.nodeType === 3).map(node => node.data).join('');
            const attribute = (element, name) => (element.getAttribute(name) ?? 'none').replace(' switches', '');
            function compare(now, then) {
                if (now.matches('#controls, .answers-only, [data-when=rounded]')) return;
                const say = what => differences.push(`${now.closest('[data-array]')?.dataset.array ?? now.tagName}: ${what}`);
                const [value, expected] = [now, then].map(element => element.getAttribute('data-value'));
                if ((value === null) !== (expected === null) || Math.abs(value - expected) > 1e-12)
                    say(`${value} is not ${expected}`);
                // What is left of rounding has other digits.
                if (value !== null && Math.abs(value) < 1e-9 && !(value === '0' && expected === '0')) return;
                const isRounding = now.closest('[data-array$=difference]') !== null;
                for (const name of names) {
                    const isOwn = name === 'aria-label' && (isRounding || now.matches('.cell'));
                    if (!isOwn && attribute(now, name) !== attribute(then, name))
                        say(`${name} ${attribute(now, name)} is not ${attribute(then, name)}`);
                }
                if (!isRounding && ownText(now) !== ownText(then)) say(`"${ownText(now)}" is not "${ownText(then)}"`);
                if (now.children.length !== then.children.length)
                    say(`${now.children.length} children, not ${then.children.length}`);
                else [...now.children].forEach((child, i) => compare(child, then.children[i]));
            }
            compare(document.querySelector('main'), new DOMParser().parseFromString(html, 'text/html').querySelector('main'));
            return differences;
        }
        """;

    private static readonly (string Rule, uint Step, string Masks)[] States =
    [
        ("none", 17, ""), ("standard:0.5", 17, ""), ("standard:0.5", 18, ""), ("standard:0.05", 19, ""), ("standard:0.9", 20, ""),
        ("forward:0.5", 17, ""), ("forward:0.3", 4_294_967_295, ""), ("forward:0", 1, ""), ("backward:0.5", 17, ""),
        ("backward:0.15", 0, ""), ("augmented:0.5/0.25", 17, ""), ("augmented:0.3/0", 22, ""), ("augmented:0/0.3", 23, ""),
        ("augmented-independent:0.5/0.4", 24, ""), ("augmented-independent:0.2/0.9", 25, ""),
        ("standard:0.5", 17, "x1:2.1=0,x1:2.2=0,x1:2.3=0,x1:2.4=0,x1:2.5=0,x1:2.6=0"),
        ("forward:0.35", 30, "x1:1.1=0,x1:1.2=1,x1:3.6=0,h1:1.1=0"),
        ("backward:0.6", 31, "x1:1.1=0,x1:1.2=1,h1:2.3=1,h1:2.4=0"),
        ("augmented:0.4/0.6", 32, "x1:1.1=1,x2:1.1=1,x1:1.2=1,x2:1.2=0,h1:3.1=1,h2:3.1=1,h2:3.2=1"),
        ("augmented-independent:0.7/0.1", 33, "x1:2.2=1,x2:2.2=0,h1:1.4=0,h2:1.1=1"),
    ];

    [Fact]
    public async Task TwentyStatesAreTheEngines()
    {
        await using Browser browser = await Browser.StartAsync();
        using TemporaryFolder folder = new();
        OpenPage open = await OpenAsync(browser, folder);

        foreach ((string rule, uint step, string masks) in States)
        {
            ExplanationSettings settings = Settings(rule, step, masks);
            string ratios = $"p={settings.Ratio}&q={settings.SecondRatio}";
            await open.Page.EvaluateAsync(
                """
                address => new Promise(done => {
                    addEventListener('hashchange', () => done(), { once: true });
                    location.hash = address;
                })
                """,
                FormattableString.Invariant($"step={step}&rule={settings.Rule.Name}&{ratios}&mask={masks}"));

            await AssertIsTheEnginesAsync(open.Page, settings);
        }

        Assert.Empty(open.Complaints);
    }

    [Fact]
    public async Task CellsAndControlsChangeTheStateByMouseKeysAndTouch()
    {
        await using Browser browser = await Browser.StartAsync();
        using TemporaryFolder folder = new();
        IPage page = (await OpenAsync(browser, folder, hasTouch: true)).Page;
        ILocator mask = page.Locator("svg:visible[data-array='per-datum.forward_factor'] .cell");
        Explanation first = Explanation.Compute(Settings("standard:0.5", ExplanationSettings.DefaultStep, ""));
        double[] drawn = first.MaskPerDatum.Audit.ForwardFactor.Values;
        string before = await page.InnerHTMLAsync("main");
        string Flipped(int place) => $"x1:{place / 6 + 1}.{place % 6 + 1}={(drawn[place] == 0 ? 1 : 0)}";

        await mask.Nth(1).ClickAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("ArrowRight");
        await page.Keyboard.PressAsync("Space");
        await mask.Nth(15).TapAsync();
        await AssertIsTheEnginesAsync(
            page, Settings("standard:0.5", ExplanationSettings.DefaultStep, $"{Flipped(1)},{Flipped(8)},{Flipped(15)}"));

        await page.SelectOptionAsync("[name=rule]", "augmented");
        await page.FillAsync("[name=q]", "0.4");
        await page.FillAsync("[name=p]", "0.3");
        await page.ClickAsync("[name=draw]");
        await AssertIsTheEnginesAsync(page, Settings("augmented:0.3/0.4", ExplanationSettings.DefaultStep + 1, ""));

        // The engine's own digits, which the page was written with.
        await page.ClickAsync("[name=reset]");
        Assert.Equal(before, await page.InnerHTMLAsync("main"));
        Assert.Equal("standard", await page.InputValueAsync("[name=rule]"));
    }

    private static ExplanationSettings Settings(string rule, uint step, string masks) =>
        new(Seed, BatchSize, DropoutRule.Parse(rule), step: step)
        {
            MaskElements = masks.Length == 0 ? [] : MaskElement.ParseList(masks),
        };

    private static async Task<OpenPage> OpenAsync(Browser browser, TemporaryFolder folder, bool hasTouch = false)
    {
        string file = folder["explain.html"];
        await File.WriteAllTextAsync(file, await ExplainDocument.RenderPageAsync(
            Explanation.Compute(Settings("standard:0.5", ExplanationSettings.DefaultStep, ""))));
        return await browser.OpenAsync(new Uri(file), Browser.Desktop, ColorScheme.Light, hasTouch: hasTouch);
    }

    private static async Task AssertIsTheEnginesAsync(IPage page, ExplanationSettings settings) =>
        Assert.Empty(await page.EvaluateAsync<string[]>(
            Compare, await ExplainDocument.RenderPageAsync(Explanation.Compute(settings))));
}
