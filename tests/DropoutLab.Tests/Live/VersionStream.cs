using System.Net.ServerSentEvents;

namespace DropoutLab.Tests.Live;

/// <summary>The dashboard's events, one after the other.</summary>
internal sealed class VersionStream : IAsyncDisposable
{
    /// <summary>In which an epoch must be shown.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly Stream stream;
    private readonly IAsyncEnumerator<SseItem<string>> events;

    private VersionStream(Stream stream)
    {
        this.stream = stream;
        events = SseParser.Create(stream).EnumerateAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
    }

    public static async Task<VersionStream> OpenAsync(HttpClient client) =>
        new(await client.GetStreamAsync("events", TestContext.Current.CancellationToken));

    /// <summary>The next version; null where the server has ended the stream.</summary>
    public async Task<string?> NextAsync() =>
        await events.MoveNextAsync().AsTask().WaitAsync(Limit, TestContext.Current.CancellationToken)
        ? events.Current.Data
        : null;

    public async ValueTask DisposeAsync() => await stream.DisposeAsync();
}
