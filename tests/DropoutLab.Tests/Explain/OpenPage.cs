using Microsoft.Playwright;

namespace DropoutLab.Tests.Explain;

/// <summary>A page in the browser, with all that it asked for and complained of.</summary>
internal sealed class OpenPage
{
    public OpenPage(IPage page)
    {
        Page = page;
        page.Request += (_, request) => Requests.Add(request.Url);
        page.RequestFailed += (_, request) => Complaints.Add($"{request.Url}: {request.Failure}");
        page.Console += (_, message) => Complaints.Add(message.Text);
        page.PageError += (_, error) => Complaints.Add(error);
    }

    public IPage Page { get; }

    /// <summary>The address of every request.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Failed requests, lines on the console, errors of scripts.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>That it is the file and nothing else: no further request, no complaint, no script but its own.</summary>
    public async Task AssertStandsAloneAsync(string file, string heading, int scripts = 0)
    {
        Assert.Equal(new Uri(file).AbsoluteUri,
            Assert.Single(Requests, request => !request.StartsWith("data:", StringComparison.Ordinal)));
        Assert.Empty(Complaints);
        Assert.Equal(heading, await Page.InnerTextAsync("h1"));
        Assert.Equal(scripts, await Page.Locator("script").CountAsync());
    }

    /// <summary>That nothing on it is wider than the window.</summary>
    public async Task AssertFitsAsync() =>
        Assert.Equal(Page.ViewportSize!.Width, await Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
}
