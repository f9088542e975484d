using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using DropoutLab.Data;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Data;

public sealed class DownloaderTests : IDisposable
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7 / 3))];

    private static readonly RemoteFile File1 = new(
        new Uri("http://data.test/sets/file.gz"), Convert.ToHexStringLower(MD5.HashData(Content)), "install the package");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task DownloadsIntoAFolderThatItMakes()
    {
        ProgressList progress = new ProgressList();
        StubServer server = await Fetch(_ => StubServer.Whole(Content), progress);

        Assert.Equal(Content, File.ReadAllBytes(folder["set", "file.gz"]));
        Assert.Equal([Path.Combine("set", "file.gz")], folder.Files());
        Assert.Equal([("http://data.test/sets/file.gz", null)], server.Requests);
        Assert.Equal(new DownloadProgress(Content.Length, Content.Length, "file.gz"), progress.Reports[^1]);
        Assert.Equal(progress.Reports.Select(report => report.Bytes).Order(), progress.Reports.Select(report => report.Bytes));
    }

    [Fact]
    public async Task AFileAtHandIsNotAskedFor()
    {
        folder.Make(Path.Combine("set", "file.gz"), "whatever the user put there"u8);

        StubServer server = await Fetch(_ => throw new InvalidOperationException());

        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task GoesOnWithAPartialFile()
    {
        MakePartial(Content[..1000]);
        ProgressList progress = new ProgressList();

        StubServer server = await Fetch(AnswerRange, progress);

        Assert.Equal([(File1.Address.ToString(), 1000)], server.Requests);
        AssertWhole();
        Assert.All(progress.Reports, report => Assert.True(report.Bytes > 1000 && report.Total == Content.Length));
    }

    [Fact]
    public async Task StartsAgainWhereTheServerSendsEverything()
    {
        MakePartial([.. Content, 1, 2, 3]);

        await Fetch(_ => StubServer.Whole(Content));

        AssertWhole();
    }

    [Fact]
    public async Task StartsAgainWhereTheServerRefusesTheRange()
    {
        MakePartial([1, 2, 3]);

        StubServer server = await Fetch(request => request.Headers.Range is null
            ? StubServer.Whole(Content)
            : StubServer.Status(HttpStatusCode.RequestedRangeNotSatisfiable));

        Assert.Equal([3, null], server.Requests.Select(request => request.From));
        AssertWhole();
    }

    [Fact]
    public async Task AskedForNothingMoreOfAWholeFileItTakesIt()
    {
        MakePartial(Content);

        StubServer server = await Fetch(_ =>
        {
            HttpResponseMessage nothing = StubServer.Status(HttpStatusCode.RequestedRangeNotSatisfiable);
            nothing.Content.Headers.ContentRange = new ContentRangeHeaderValue(Content.Length);
            return nothing;
        });

        Assert.Equal([Content.Length], server.Requests.Select(request => request.From));
        AssertWhole();
    }

    [Fact]
    public async Task AnotherProcessThatIsDoneFirstHasDoneItForBoth()
    {
        MakePartial(Content);

        await Fetch(_ =>
        {
            File.Move(folder["set", "file.gz.part"], folder["set", "file.gz"]);
            HttpResponseMessage nothing = StubServer.Status(HttpStatusCode.RequestedRangeNotSatisfiable);
            nothing.Content.Headers.ContentRange = new ContentRangeHeaderValue(Content.Length);
            return nothing;
        });

        AssertWhole();
    }

    [Fact]
    public async Task StartsAgainWhereTheServerGoesOnElsewhere()
    {
        MakePartial(Content[..1000]);

        StubServer server = await Fetch(request => request.Headers.Range is null
            ? StubServer.Whole(Content)
            : StubServer.Rest(Content, from: 500));

        Assert.Equal([1000, null], server.Requests.Select(request => request.From));
        AssertWhole();
    }

    [Fact]
    public async Task AWrongChecksumRemovesTheFile()
    {
        byte[] wrong = [.. Content];
        wrong[^1] ^= 1;

        await OneLine.ThrowsAsync(
            () => Fetch(_ => StubServer.Whole(wrong)),
            File1.Address.ToString(), Convert.ToHexStringLower(MD5.HashData(wrong)), File1.Md5, "removed");

        Assert.Empty(folder.Files());
    }

    [Fact]
    public async Task AStalePartialFileIsFoundByTheChecksumAndTheNextStartIsClean()
    {
        MakePartial([1, 2, 3]);

        await OneLine.ThrowsAsync(() => Fetch(AnswerRange), "downloaded damaged");
        await Fetch(AnswerRange);

        AssertWhole();
    }

    [Fact]
    public async Task WithoutANetworkTheMessageSaysWhatToPutWhere()
    {
        await OneLine.ThrowsAsync(
            () => Fetch(_ => throw new HttpRequestException("Name or service not known\n(data.test:80)")),
            "http://data.test/sets/file.gz cannot be downloaded (Name or service not known",
            $"put file.gz into {folder["set"]}, or install the package");

        Assert.False(Directory.Exists(folder["set"]));
    }

    [Fact]
    public async Task ARefusalIsNamed()
    {
        await OneLine.ThrowsAsync(
            () => Fetch(_ => StubServer.Status(HttpStatusCode.NotFound)), "the server answers 404 Not Found");

        Assert.Empty(folder.Files());
    }

    [Fact]
    public async Task AConnectionThatBreaksLeavesThePartialFileToGoOnWith()
    {
        BreakingStream breaking = new BreakingStream(Content[..500], () => throw new IOException("reset by peer"));

        await OneLine.ThrowsAsync(
            () => Fetch(_ => StubServer.Announcing(Content.Length, breaking)), "cannot be downloaded (reset by peer)");

        Assert.Equal(Content[..500], File.ReadAllBytes(folder["set", "file.gz.part"]));
    }

    [Fact]
    public async Task AResponseThatEndsEarlyLeavesThePartialFileToGoOnWith()
    {
        await OneLine.ThrowsAsync(
            () => Fetch(_ => StubServer.Announcing(Content.Length, new BreakingStream(Content[..500], () => 0))),
            "broke off after 500 of 300000 bytes");

        Assert.Equal(Content[..500], File.ReadAllBytes(folder["set", "file.gz.part"]));
        await Fetch(AnswerRange);
        AssertWhole();
    }

    [Fact]
    public async Task CancellationLeavesThePartialFileToGoOnWith()
    {
        using CancellationTokenSource cancellation = new CancellationTokenSource();
        BreakingStream breaking = new BreakingStream(Content[..500], () =>
        {
            cancellation.Cancel();
            throw new OperationCanceledException(cancellation.Token);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Fetch(_ => StubServer.Announcing(Content.Length, breaking), cancellation: cancellation));

        Assert.Equal(Content[..500], File.ReadAllBytes(folder["set", "file.gz.part"]));
    }

    [Fact]
    public async Task AnUnwritableFolderIsNamed()
    {
        folder.Make("set", "a file in the folder's place"u8);

        await OneLine.ThrowsAsync(
            () => Fetch(_ => StubServer.Whole(Content)), folder["set", "file.gz.part"], "cannot be written");
    }

    private async Task<StubServer> Fetch(
        Func<HttpRequestMessage, HttpResponseMessage> answer,
        ProgressList? progress = null,
        CancellationTokenSource? cancellation = null)
    {
        StubServer server = new StubServer(answer);
        using Downloader downloader = new Downloader(server);
        await downloader.FetchAsync(File1, folder["set"], progress, cancellation?.Token ?? TestContext.Current.CancellationToken);
        return server;
    }

    private static HttpResponseMessage AnswerRange(HttpRequestMessage request) => request.Headers.Range is { } range
        ? StubServer.Rest(Content, range.Ranges.Single().From!.Value)
        : StubServer.Whole(Content);

    private void MakePartial(byte[] bytes) => folder.Make(Path.Combine("set", "file.gz.part"), bytes);

    private void AssertWhole()
    {
        Assert.Equal(Content, File.ReadAllBytes(folder["set", "file.gz"]));
        Assert.Equal([Path.Combine("set", "file.gz")], folder.Files());
    }
}
