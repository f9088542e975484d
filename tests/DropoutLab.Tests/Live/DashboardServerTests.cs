using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using DropoutLab.Dashboard.Live;
using DropoutLab.Experiments;
using DropoutLab.Runs;
using DropoutLab.Tests.Experiments;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Live;

/// <summary>What the server says, to whom, and when.</summary>
[Collection(nameof(ClockTests))]
public sealed partial class DashboardServerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnEpochIsToldWithinTwoSeconds()
    {
        await using LiveServer live = await LiveServer.StartAsync();
        await using VersionStream versions = await VersionStream.OpenAsync(live.Client);
        string? before = await versions.NextAsync();
        Assert.Contains($"data-version=\"{before}\"", await live.BodyAsync(), StringComparison.Ordinal);

        foreach (int epoch in (int[])[1, 2])
        {
            live.WriteEpoch(epoch);
            string? after = await versions.NextAsync();
            string body = await live.BodyAsync();

            Assert.NotEqual(before, after);
            Assert.Contains($"data-version=\"{after}\"", body, StringComparison.Ordinal);
            Assert.Contains($"{epoch} of 12 epochs; no process works", body, StringComparison.Ordinal);
            before = after;
        }
    }

    [Fact]
    public async Task NothingIsToldWhereNothingChanges()
    {
        await using LiveServer live = await LiveServer.StartAsync();
        live.WriteEpoch(1);
        await Eventually(live, "1 of 12 epochs");
        await using VersionStream versions = await VersionStream.OpenAsync(live.Client);
        await versions.NextAsync();

        // Young files are read again each time, and are the same.
        await Assert.ThrowsAsync<TimeoutException>(versions.NextAsync);
    }

    [Fact]
    public async Task AHalfWrittenLineWaitsForItsEnd()
    {
        await using LiveServer live = await LiveServer.StartAsync();
        live.WriteEpoch(1);
        await Eventually(live, "1 of 12 epochs");
        string path = Path.Combine(SweepFolder.RunFolder(live.Folder, LiveServer.Run), MetricsFile.FileName);
        string line = MetricsFile.Line(MadeUpEpoch.Of(2, 1, 1, 0.5, 1000, 0.001, 1));
        await using VersionStream versions = await VersionStream.OpenAsync(live.Client);
        await versions.NextAsync();

        File.AppendAllText(path, line[..20]);
        await Assert.ThrowsAsync<TimeoutException>(versions.NextAsync);
        Assert.Contains("1 of 12 epochs", await live.BodyAsync(), StringComparison.Ordinal);

        File.AppendAllText(path, line[20..] + "\n");
        await Eventually(live, "2 of 12 epochs");
    }

    [Fact]
    public async Task AFailureAndItsReasonAreShownAndARunThatVanishesIsNot()
    {
        await using LiveServer live = await LiveServer.StartAsync();
        live.WriteEpoch(1);
        string run = SweepFolder.RunFolder(live.Folder, LiveServer.Run);
        await Eventually(live, "1 of 12 epochs");

        new RunFailure("the disk is full", 2).Write(run);
        await Eventually(live, "the disk is full");
        Directory.Delete(run, recursive: true);
        await Eventually(live, "0 of 12 epochs");
        Assert.DoesNotContain("the disk is full", await live.BodyAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFolderMayGoAndComeBack()
    {
        await using LiveServer live = await LiveServer.StartAsync();
        live.WriteEpoch(1);
        await Eventually(live, "1 of 12 epochs");

        Directory.Move(live.Folder, live.Folder + "-away");
        await Eventually(live, $"{live.Folder}: the folder is gone; waiting for it");
        Assert.Contains("1 of 12 epochs", await live.BodyAsync(), StringComparison.Ordinal);

        Directory.Move(live.Folder + "-away", live.Folder);
        live.WriteEpoch(2);
        await Eventually(live, "2 of 12 epochs");
        Assert.DoesNotContain("is gone", await live.BodyAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASweepWithMoreSeedsIsTakenOver()
    {
        await using LiveServer live = await LiveServer.StartAsync();
        _ = new MadeUpSweep(live.Folder, ["none", "standard:0.2", "forward:0.2"], seeds: 3);
        await Eventually(live, "0 of 18 epochs");
    }

    [Theory]
    [InlineData("/sweep.json")]
    [InlineData("/runs/")]
    [InlineData("/..%2f..%2fetc/passwd")]
    [InlineData("/body/x")]
    [InlineData("/live.js")]
    public async Task NothingElseIsServed(string path)
    {
        await using LiveServer live = await LiveServer.StartAsync();
        using HttpResponseMessage answer = await live.Client.GetAsync(path, Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("", await answer.Content.ReadAsStringAsync(Cancellation));
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:5173", true)]
    [InlineData("[::1]:1", true)]
    [InlineData("evil.example", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("127.0.0.1.evil.example:5173", false)]
    [InlineData("192.0.2.1", false)]
    public async Task ItAnswersUnderNamesOfThisMachineOnly(string host, bool isAllowed)
    {
        await using LiveServer live = await LiveServer.StartAsync();
        foreach (string path in (string[])["/", "/body", "/events"])
        {
            using HttpRequestMessage request = new(HttpMethod.Get, path) { Headers = { Host = host } };
            using HttpResponseMessage answer = await live.Client.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
            Assert.Equal(isAllowed ? HttpStatusCode.OK : HttpStatusCode.MisdirectedRequest, answer.StatusCode);
        }
    }

    [Fact]
    public async Task ARefusalNamesTheAddressThatWorks()
    {
        await using LiveServer live = await LiveServer.StartAsync();
        using HttpRequestMessage request = new(HttpMethod.Get, "/") { Headers = { Host = "lab.example" } };
        using HttpResponseMessage answer = await live.Client.SendAsync(request, Cancellation);

        Assert.Equal("text/plain; charset=utf-8", $"{answer.Content.Headers.ContentType}");
        Assert.Equal(
            $"'lab.example' is no name of this dashboard: use {live.Address}; "
            + "a proxy has to pass that on as the Host, not its own name\n",
            await answer.Content.ReadAsStringAsync(Cancellation));
    }

    /// <summary>A proxy may serve it under any path, and should not hold the stream back.</summary>
    [Fact]
    public async Task NoAddressOnThePageBeginsAtTheServersRoot()
    {
        await using LiveServer live = await LiveServer.StartAsync();
        string page = await live.Client.GetStringAsync("", Cancellation);
        Assert.DoesNotMatch("""(href|src|action|data)\s*=\s*["']?/|(fetch|EventSource)\(["']/""", page);

        using HttpResponseMessage events =
            await live.Client.GetAsync("events", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal("no", Assert.Single(events.Headers.GetValues("X-Accel-Buffering")));
    }

    [Fact]
    public async Task TheOnlyScriptThatABrowserMayRunIsThePagesOwn()
    {
        await using LiveServer live = await LiveServer.StartAsync();
        using HttpResponseMessage answer = await live.Client.GetAsync("/", Cancellation);
        string policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Match script = Assert.Single(Script().Matches(await answer.Content.ReadAsStringAsync(Cancellation)));

        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script.Groups[1].Value)));
        Assert.Contains($"default-src 'none'; script-src 'sha256-{hash}';", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ItListensOnTheLoopbackAddressOnly()
    {
        await using LiveServer live = await LiveServer.StartAsync();
        Assert.Equal("127.0.0.1", live.Address.Host);
        Assert.Equal(
            [IPAddress.Loopback],
            IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(end => end.Port == live.Address.Port)
                .Select(end => end.Address));

        IPAddress[] others = [IPAddress.Parse("127.0.0.2"), .. NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(card => card.GetIPProperties().UnicastAddresses).Select(entry => entry.Address)
            .Where(address => !address.Equals(IPAddress.Loopback))];
        foreach (IPAddress other in others)
        {
            using Socket socket = new(other.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await Assert.ThrowsAnyAsync<SocketException>(
                async () => await socket.ConnectAsync(other, live.Address.Port, Cancellation));
        }
    }

    [Fact]
    public async Task WhereTheDefaultPortIsTakenItListensOnTheNextThatIsFree()
    {
        using TemporaryFolder folder = new();
        _ = new MadeUpSweep(folder.Root, ["none"], seeds: 1);
        using TcpListener taken = new(IPAddress.Loopback, 5173);
        try
        {
            taken.Start();
        }
        catch (SocketException)
        {
            // Somebody else has it, which is as good.
        }

        await using DashboardServer server = await DashboardServer.StartAsync(folder.Root, IPAddress.Loopback, port: null);

        Assert.Equal("127.0.0.1", server.Address.Host);
        Assert.InRange(server.Address.Port, 5174, 5272);
    }

    [Fact]
    public async Task OpenStreamsDoNotKeepItFromEnding()
    {
        await using LiveServer live = await LiveServer.StartAsync();
        await using VersionStream versions = await VersionStream.OpenAsync(live.Client);
        await versions.NextAsync();

        await live.StopAsync().WaitAsync(TimeSpan.FromSeconds(2), Cancellation);
    }

    [Fact]
    public async Task AThousandRunsArePageWithinTwoSeconds()
    {
        using TemporaryFolder folder = new();
        string[] rules = ["none", "standard:0.3", "forward:0.3", "backward:0.3"];
        MadeUpSweep sweep = new(folder.Root, rules, seeds: 250);
        foreach (string rule in rules)
            sweep.Finish(rule, [.. Enumerable.Range(0, 250).Select(i => 0.5 + i / 1000.0)],
                [.. Enumerable.Range(0, 250).Select(i => 1 + i / 1000.0)]);
        await using DashboardServer server = await DashboardServer.StartAsync(folder.Root, IPAddress.Loopback, port: 0);
        using HttpClient client = new() { BaseAddress = server.Address };

        string page = await client.GetStringAsync("", Cancellation).WaitAsync(TimeSpan.FromSeconds(2), Cancellation);

        Assert.Contains("2000 of 2000 epochs; the sweep is done", page, StringComparison.Ordinal);
    }

    private static async Task Eventually(LiveServer live, string text)
    {
        DateTime end = DateTime.UtcNow + VersionStream.Limit;
        string body;
        while (!(body = WebUtility.HtmlDecode(await live.BodyAsync())).Contains(text, StringComparison.Ordinal))
        {
            Assert.True(DateTime.UtcNow < end, $"not shown within {VersionStream.Limit}: {text}\n{ProgressOf(body)}");
            await Task.Delay(50, Cancellation);
        }
    }

    private static string ProgressOf(string body) => Progress().Match(body).Value;

    [GeneratedRegex("<script>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Script();

    [GeneratedRegex("<div id=\"progress\".*?</div>", RegexOptions.Singleline)]
    private static partial Regex Progress();
}
