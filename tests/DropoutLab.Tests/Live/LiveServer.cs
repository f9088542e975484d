using System.Net;
using DropoutLab.Dashboard.Live;
using DropoutLab.Experiments;
using DropoutLab.Runs;
using DropoutLab.Tests.Experiments;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Live;

/// <summary>A dashboard over a made-up sweep of two seeds, with who asks it.</summary>
internal sealed class LiveServer : IAsyncDisposable
{
    public const string Run = "forward-0.2-s1";

    private static readonly string[] Rules = ["none", "standard:0.2", "forward:0.2"];

    private readonly TemporaryFolder temporary;
    private readonly DashboardServer server;

    private LiveServer(TemporaryFolder temporary, DashboardServer server)
    {
        this.temporary = temporary;
        this.server = server;
        Client = new HttpClient { BaseAddress = server.Address };
    }

    public HttpClient Client { get; }

    public Uri Address => server.Address;

    /// <summary>The sweep's.</summary>
    public string Folder => temporary["sweep"];

    public static async Task<LiveServer> StartAsync(int seeds = 2)
    {
        TemporaryFolder temporary = new();
        _ = new MadeUpSweep(temporary["sweep"], Rules, seeds);
        return new LiveServer(temporary, await DashboardServer.StartAsync(temporary["sweep"], IPAddress.Loopback, port: 0));
    }

    /// <summary>Writes the line of an epoch of <see cref="Run"/>, as training does.</summary>
    public void WriteEpoch(int epoch)
    {
        string folder = SweepFolder.RunFolder(Folder, Run);
        Directory.CreateDirectory(folder);
        if (!TrainingRun.Exists(folder))
            MadeUpSweep.Configuration("forward:0.2").Write(folder);
        MetricsFile.Append(folder, MadeUpEpoch.Of(epoch, 1.5 / epoch, 1.4 / epoch, 0.3 * epoch, 1000, 0.001, 1));
    }

    public Task<string> BodyAsync() => Client.GetStringAsync("body", TestContext.Current.CancellationToken);

    /// <summary>As Ctrl-C does.</summary>
    public Task StopAsync() => server.RunAsync(new CancellationToken(canceled: true));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await server.DisposeAsync();
        temporary.Dispose();
    }
}
