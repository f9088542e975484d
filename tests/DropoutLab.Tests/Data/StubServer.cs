using System.Net;
using System.Net.Http.Headers;

namespace DropoutLab.Tests.Data;

/// <summary>A web server without a network: answers each request by a function and keeps what was asked for.</summary>
internal sealed class StubServer(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
{
    /// <summary>Of each request in turn, the address and the first byte asked for.</summary>
    public List<(string Address, long? From)> Requests { get; } = [];

    public static HttpResponseMessage Whole(byte[] content) => Status(HttpStatusCode.OK, content);

    public static HttpResponseMessage Rest(byte[] content, long from)
    {
        HttpResponseMessage response = Status(HttpStatusCode.PartialContent, content[(int)from..]);
        response.Content.Headers.ContentRange = new ContentRangeHeaderValue(from, content.Length - 1, content.Length);
        return response;
    }

    public static HttpResponseMessage Status(HttpStatusCode status, byte[]? content = null) =>
        new(status) { Content = new ByteArrayContent(content ?? []) };

    /// <summary>Announces <paramref name="announced"/> bytes and carries those of <paramref name="content"/>.</summary>
    public static HttpResponseMessage Announcing(long announced, Stream content)
    {
        HttpResponseMessage response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(content) };
        response.Content.Headers.ContentLength = announced;
        return response;
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Requests.Add((request.RequestUri!.ToString(), request.Headers.Range?.Ranges.Single().From));
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(answer(request));
    }
}
