using Microsoft.Playwright;

namespace DropoutLab.Tests.Explain;

/// <summary>A headless Chromium, Debian's. Where there is none, its tests are skipped.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly string[] Paths =
    [
        .. from folder in (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Append("/usr/bin")
           from name in (string[])["chromium", "chromium-browser", "google-chrome"]
           select Path.Combine(folder, name),
    ];

    // It must load our pages only, so nothing that a browser does in the background may be mistaken for them.
    private static readonly string[] Arguments =
    [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    /// <summary>Of the windows that a page must look well in, in pixels.</summary>
    public static readonly int[] Widths = [320, Phone, 768, Desktop];

    /// <summary>A telephone's window.</summary>
    public const int Phone = 390;

    /// <summary>A computer's window.</summary>
    public const int Desktop = 1280;

    private readonly IPlaywright playwright;
    private readonly IBrowser browser;

    private Browser(IPlaywright playwright, IBrowser browser) => (this.playwright, this.browser) = (playwright, browser);

    public static async Task<Browser> StartAsync()
    {
        string? path = Array.Find(Paths, File.Exists);
        Assert.SkipWhen(path is null, "needs Chromium");
        IPlaywright playwright = await Playwright.CreateAsync();
        try
        {
            return new Browser(
                playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = Arguments }));
        }
        catch
        {
            playwright.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file as a user who clicks on it does.</summary>
    public Task<OpenPage> OpenAsync(string file, int width, ColorScheme colorScheme) =>
        OpenAsync(new Uri(file), width, colorScheme, WaitUntilState.NetworkIdle);

    /// <summary>Opens an address. A page that listens to its server is never idle: it is ready when it is loaded.</summary>
    public async Task<OpenPage> OpenAsync(
        Uri address, int width, ColorScheme colorScheme, WaitUntilState ready = WaitUntilState.Load, bool hasTouch = false)
    {
        IBrowserContext context = await browser.NewContextAsync(
            new() { ViewportSize = new() { Width = width, Height = 844 }, ColorScheme = colorScheme, HasTouch = hasTouch });
        OpenPage page = new(await context.NewPageAsync());
        await page.Page.GotoAsync(address.AbsoluteUri, new() { WaitUntil = ready });
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }
}
