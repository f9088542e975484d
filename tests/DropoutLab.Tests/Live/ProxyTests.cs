using DropoutLab.Tests.Explain;
using Microsoft.Playwright;

namespace DropoutLab.Tests.Live;

/// <summary>The page in a real browser behind a proxy that gives it a path of its own.</summary>
[Collection(nameof(ClockTests))]
public sealed class ProxyTests
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(12);

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/?from=elsewhere#runs")]
    public async Task AnEpochIsSeenUnderThePath(string end)
    {
        await using Browser browser = await Browser.StartAsync();
        await using LiveServer live = await LiveServer.StartAsync();
        await using PathProxy proxy = new(live.Address);
        OpenPage open = await browser.OpenAsync(new Uri(proxy.Address + end), Browser.Desktop, ColorScheme.Light);

        live.WriteEpoch(1);
        await ShowsAsync(open, "1 of 12 epochs", Slow);
        live.WriteEpoch(2);
        await ShowsAsync(open, "2 of 12 epochs", Slow);

        Assert.False(await open.Page.IsVisibleAsync("#lost"));
        Assert.All(
            open.Requests.Where(request => !request.StartsWith("data:", StringComparison.Ordinal)),
            request => Assert.StartsWith(proxy.Address.AbsoluteUri, request, StringComparison.Ordinal));
        Assert.Empty(open.Complaints);
    }

    [Fact]
    public async Task WhereNoStreamComesThroughThePageFetchesWhatIsNew()
    {
        await using Browser browser = await Browser.StartAsync();
        await using LiveServer live = await LiveServer.StartAsync();
        await using PathProxy proxy = new(live.Address) { HoldsBack = true };
        OpenPage open = await browser.OpenAsync(proxy.Address, Browser.Desktop, ColorScheme.Light);

        live.WriteEpoch(1);
        await ShowsAsync(open, "1 of 12 epochs", Slow);
        live.WriteEpoch(2);
        await ShowsAsync(open, "2 of 12 epochs", Slow);

        Assert.False(await open.Page.IsVisibleAsync("#lost"));
    }

    [Fact]
    public async Task AStreamThatTheProxyEndsIsOpenedAgainInSilence()
    {
        await using Browser browser = await Browser.StartAsync();
        await using LiveServer live = await LiveServer.StartAsync();
        await using PathProxy proxy = new(live.Address) { Patience = TimeSpan.FromSeconds(1) };
        OpenPage open = await browser.OpenAsync(proxy.Address, Browser.Desktop, ColorScheme.Light);
        await open.Page.EvaluateAsync("""
            const lost = document.getElementById('lost');
            window.saidLost = false;
            new MutationObserver(() => window.saidLost ||= !lost.hidden).observe(lost, { attributes: true });
            """);

        for (int epoch = 1; epoch <= 2; epoch++)
        {
            int streams = Streams(open);
            while (Streams(open) < streams + 2)
                await Task.Delay(100, TestContext.Current.CancellationToken);
            live.WriteEpoch(epoch);
            await ShowsAsync(open, $"{epoch} of 12 epochs", Slow);
        }

        Assert.False(await open.Page.EvaluateAsync<bool>("window.saidLost"));
    }

    private static int Streams(OpenPage open) =>
        open.Requests.Count(request => request.EndsWith("/events", StringComparison.Ordinal));

    private static Task ShowsAsync(OpenPage open, string text, TimeSpan limit) =>
        Assertions.Expect(open.Page.Locator("#progress")).ToContainTextAsync(
            text, new() { Timeout = (float)limit.TotalMilliseconds, UseInnerText = true });
}
