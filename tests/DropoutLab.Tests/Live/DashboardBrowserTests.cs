using System.Net;
using DropoutLab.Dashboard.Live;
using DropoutLab.Tests.Explain;
using Microsoft.Playwright;

namespace DropoutLab.Tests.Live;

/// <summary>The page in a real browser, while its folder changes.</summary>
[Collection(nameof(ClockTests))]
public sealed class DashboardBrowserTests
{
    [Fact]
    public async Task AnEpochIsSeenWithinTwoSecondsAndThePageStaysWhereItIs()
    {
        await using Browser browser = await Browser.StartAsync();
        await using LiveServer live = await LiveServer.StartAsync(seeds: 30);
        OpenPage open = await browser.OpenAsync(live.Address, Browser.Desktop, ColorScheme.Light);
        // The reader's doings: something marked in the page as a sign of the same element, a place to read.
        await open.Page.EvaluateAsync("""
            document.body.style.paddingBottom = '3000px';
            document.querySelector('h1').sign = 'same';
            document.querySelector('#runs').scrollIntoView();
            """);
        double place = await PlaceAsync(open);

        live.WriteEpoch(1);
        await ShowsAsync(open, "#progress", "1 of 180 epochs");
        live.WriteEpoch(2);
        await ShowsAsync(open, "#progress", "2 of 180 epochs");

        Assert.Equal("same", await open.Page.EvaluateAsync<string>("document.querySelector('h1').sign"));
        Assert.InRange(await PlaceAsync(open), place - 1, place + 1);
        Assert.Equal("1/90 made up", await open.Page.TitleAsync());
        Assert.Empty(open.Complaints);
    }

    [Fact]
    public async Task WhatItShowsAtLastIsWhatItWouldShowAnew()
    {
        await using Browser browser = await Browser.StartAsync();
        await using LiveServer live = await LiveServer.StartAsync();
        OpenPage open = await browser.OpenAsync(live.Address, Browser.Desktop, ColorScheme.Light);

        live.WriteEpoch(1);
        await ShowsAsync(open, "#progress", "1 of 12 epochs");
        live.WriteEpoch(2);
        await ShowsAsync(open, "#progress", "2 of 12 epochs");
        OpenPage anew = await browser.OpenAsync(live.Address, Browser.Desktop, ColorScheme.Light);

        Assert.Equal(await Report(anew), await Report(open));
        static Task<string> Report(OpenPage page) =>
            page.Page.EvaluateAsync<string>("document.getElementById('report').outerHTML");
    }

    [Fact]
    public async Task AFolderThatIsGoneIsSaidAndTakenUpAgain()
    {
        await using Browser browser = await Browser.StartAsync();
        await using LiveServer live = await LiveServer.StartAsync();
        OpenPage open = await browser.OpenAsync(live.Address, Browser.Desktop, ColorScheme.Light);
        Assert.False(await open.Page.IsVisibleAsync("#notice"));

        Directory.Move(live.Folder, live.Folder + "-away");
        await ShowsAsync(open, "#notice", "the folder is gone; waiting for it");
        Directory.Move(live.Folder + "-away", live.Folder);
        live.WriteEpoch(1);
        await ShowsAsync(open, "#progress", "1 of 12 epochs");

        Assert.False(await open.Page.IsVisibleAsync("#notice"));
        Assert.Empty(open.Complaints);
    }

    [Fact]
    public async Task ALostServerIsSaidAndTakenUpAgain()
    {
        await using Browser browser = await Browser.StartAsync();
        await using LiveServer live = await LiveServer.StartAsync();
        OpenPage open = await browser.OpenAsync(live.Address, Browser.Desktop, ColorScheme.Light);
        Assert.False(await open.Page.IsVisibleAsync("#lost"));

        await live.StopAsync();
        await ShowsAsync(open, "#lost", "Connection lost, trying again");
        live.WriteEpoch(1);
        await using DashboardServer next = await DashboardServer.StartAsync(live.Folder, IPAddress.Loopback, live.Address.Port);
        await ShowsAsync(open, "#progress", "1 of 12 epochs", TimeSpan.FromSeconds(10));

        Assert.False(await open.Page.IsVisibleAsync("#lost"));
    }

    [Fact]
    public async Task NoScriptButItsOwnRuns()
    {
        await using Browser browser = await Browser.StartAsync();
        await using LiveServer live = await LiveServer.StartAsync();
        OpenPage open = await browser.OpenAsync(live.Address, Browser.Desktop, ColorScheme.Light);

        await open.Page.EvaluateAsync("""
            const script = document.createElement('script');
            script.textContent = 'window.foreign = true';
            document.body.append(script);
            """);

        Assert.False(await open.Page.EvaluateAsync<bool>("window.foreign === true"));
        Assert.Contains("Content Security Policy", Assert.Single(open.Complaints), StringComparison.Ordinal);
    }

    /// <summary>Where what is being read is in the window: what is above it may have grown.</summary>
    private static Task<double> PlaceAsync(OpenPage open) =>
        open.Page.EvaluateAsync<double>("document.querySelector('#runs').getBoundingClientRect().top");

    private static Task ShowsAsync(OpenPage open, string selector, string text, TimeSpan? limit = null) =>
        Assertions.Expect(open.Page.Locator(selector)).ToContainTextAsync(
            text, new() { Timeout = (float)(limit ?? VersionStream.Limit).TotalMilliseconds, UseInnerText = true });
}
