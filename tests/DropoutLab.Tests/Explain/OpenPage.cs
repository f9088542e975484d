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
}
