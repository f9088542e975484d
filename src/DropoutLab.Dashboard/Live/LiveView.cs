using DropoutLab.Dashboard.Shared;
using DropoutLab.Experiments;

namespace DropoutLab.Dashboard.Live;

/// <summary>What the dashboard shows from one change of the folder to the next.</summary>
/// <param name="version">Another one for every view, also after the dashboard was started anew.</param>
/// <param name="folder">The sweep's.</param>
/// <param name="summary">The sweep as it was read last; null before it could be read.</param>
/// <param name="notice">Why it is not read now; null if it is.</param>
internal sealed class LiveView(string version, string folder, SweepSummary? summary, string? notice)
{
    private readonly Lazy<Task<string>> body = new(() => StaticPage.RenderAsync<LiveBody>(new Dictionary<string, object?>
    {
        [nameof(LiveBody.Version)] = version,
        [nameof(LiveBody.Folder)] = folder,
        [nameof(LiveBody.Summary)] = summary,
        [nameof(LiveBody.Notice)] = notice,
    }));

    public string Version => version;

    public SweepSummary? Summary => summary;

    public string? Notice => notice;

    /// <summary>The part of the page that changes. It is made once, whoever asks, and only if somebody does.</summary>
    public Task<string> BodyAsync() => body.Value;

    /// <summary>The whole page, as it is when a browser opens it.</summary>
    public async Task<string> PageAsync() => await StaticPage.RenderAsync<LivePage>(new Dictionary<string, object?>
    {
        [nameof(LivePage.Name)] = summary?.Name ?? folder,
        [nameof(LivePage.Body)] = await BodyAsync(),
    });
}
