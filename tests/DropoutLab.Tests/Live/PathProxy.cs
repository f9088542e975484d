using System.Net;
using System.Net.Sockets;

namespace DropoutLab.Tests.Live;

/// <summary>A reverse proxy that serves a dashboard under a path of its own, which it takes off, as nginx does.</summary>
internal sealed class PathProxy : IAsyncDisposable
{
    private const string Path = "/lab/sweep";

    private readonly HttpListener listener = new();
    private readonly HttpClient client = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly CancellationTokenSource end = new();
    private readonly Uri target;
    private readonly Task work;

    public PathProxy(Uri target)
    {
        this.target = target;
        Address = new Uri($"http://127.0.0.1:{FreePort()}{Path}");
        listener.Prefixes.Add(new Uri(Address, "/").AbsoluteUri);
        listener.Start();
        work = ServeAsync();
    }

    /// <summary>Where a browser finds the dashboard: without a slash at the end.</summary>
    public Uri Address { get; }

    /// <summary>Whether it passes an answer on only when that has ended.</summary>
    public bool HoldsBack { get; init; }

    /// <summary>After this time an answer that has not ended is cut off.</summary>
    public TimeSpan Patience { get; init; } = Timeout.InfiniteTimeSpan;

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        listener.Close();
        await work;
        client.Dispose();
        end.Dispose();
    }

    private async Task ServeAsync()
    {
        List<Task> answers = [];
        try
        {
            while (true)
                answers.Add(AnswerAsync(await listener.GetContextAsync()));
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            await Task.WhenAll(answers);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using CancellationTokenSource cut = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
        try
        {
            cut.CancelAfter(Patience);
            await PassOnAsync(context.Request.Url!.AbsolutePath, context.Response, cut.Token);
            context.Response.Close();
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or IOException
            or OperationCanceledException or HttpRequestException)
        {
            context.Response.Abort();
        }
    }

    private async Task PassOnAsync(string path, HttpListenerResponse response, CancellationToken cut)
    {
        if (path != Path && !path.StartsWith(Path + "/", StringComparison.Ordinal))
        {
            response.StatusCode = 404;
            return;
        }

        HttpCompletionOption when =
            HoldsBack ? HttpCompletionOption.ResponseContentRead : HttpCompletionOption.ResponseHeadersRead;
        Uri asked = new(target, $"/{path[Path.Length..].TrimStart('/')}");
        using HttpResponseMessage answer = await client.GetAsync(asked, when, cut);
        response.StatusCode = (int)answer.StatusCode;
        response.ContentType = $"{answer.Content.Headers.ContentType}";
        response.Headers["Content-Security-Policy"] = answer.Headers.GetValues("Content-Security-Policy").Single();
        response.SendChunked = true;
        await using Stream body = await answer.Content.ReadAsStreamAsync(cut);
        byte[] piece = new byte[4096];
        while (await body.ReadAsync(piece, cut) is > 0 and int count)
            await response.OutputStream.WriteAsync(piece.AsMemory(0, count), cut);
    }

    private static int FreePort()
    {
        using TcpListener any = new(IPAddress.Loopback, 0);
        any.Start();
        return ((IPEndPoint)any.LocalEndpoint).Port;
    }
}
