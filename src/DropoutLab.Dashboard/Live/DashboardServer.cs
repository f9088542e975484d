using System.Net;
using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DropoutLab.Dashboard.Live;

/// <summary>
/// Serves a sweep's report while the sweep runs: <c>/</c> the page, <c>/body</c> the part of it that changes, <c>/events</c> a
/// line for each change. The page finds the others beside itself, so a proxy may serve them under a path of its own. Nothing is
/// served by a path of the file system.
/// </summary>
public sealed class DashboardServer : IAsyncDisposable
{
    /// <summary>The port where none is given, or the next that is free.</summary>
    public const int DefaultPort = 5173;

    private const string FolderWanted = "give one that dropoutlab sweep or train writes to";
    private const int PortsToTry = 100;
    private const int MostConnections = 200;

    /// <summary>An epoch is shown within two seconds of its line: these leave time to read and draw.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>After a change: to draw a large sweep at every epoch would take the processors from its runs.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(1000);

    /// <summary>A connection whose other end has gone without a word is found out by writing to it.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Requests that are not done by then are broken off.</summary>
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Reconnection = TimeSpan.FromSeconds(1);

    private readonly WebApplication application;

    private DashboardServer(WebApplication application) => this.application = application;

    /// <summary>Where the page is.</summary>
    public Uri Address =>
        new(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>Starts to serve.</summary>
    /// <param name="folder">A sweep's. Once started, it may go and come back.</param>
    /// <param name="address">The one address to listen on, or one that means all.</param>
    /// <param name="port">0 for any that is free; null for <see cref="DefaultPort"/> or the next that is free.</param>
    /// <exception cref="DropoutLabException">It is no sweep's folder, or the address or the port cannot be had.</exception>
    public static async Task<DashboardServer> StartAsync(string folder, IPAddress address, int? port)
    {
        LiveSweep sweep = Open(folder);
        int first = port ?? DefaultPort, last = port ?? DefaultPort + PortsToTry - 1;
        for (int next = first; ; next++)
        {
            WebApplication application = Build(sweep, new IPEndPoint(address, next));
            try
            {
                await application.StartAsync();
                return new DashboardServer(application);
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                await application.DisposeAsync();
                if (exception.InnerException is not AddressInUseException || next == last)
                    throw CannotListen(address, next, exception);
            }
        }
    }

    /// <summary>Serves until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        }
        catch (OperationCanceledException)
        {
            using CancellationTokenSource patience = new(LongestStop);
            await application.StopAsync(patience.Token);
        }
    }

    public ValueTask DisposeAsync() => application.DisposeAsync();

    private static LiveSweep Open(string folder)
    {
        try
        {
            return new LiveSweep(folder, TimeProvider.System);
        }
        catch (DropoutLabException exception)
        {
            throw new DropoutLabException($"{exception.Message}; {FolderWanted}", exception);
        }
    }

    private static WebApplication Build(LiveSweep sweep, IPEndPoint endPoint)
    {
        // Empty: no settings from files or variables, which could open further addresses, and no log on the console.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => Configure(options, endPoint));
        builder.Services.AddRoutingCore().AddLogging(logging => logging.ClearProviders())
            .AddSingleton<IHostLifetime, CallersLifetime>();
        WebApplication application = builder.Build();
        HostNames names = new(endPoint.Address);
        application.Use((context, next) => Guard(context, next, names));
        application.MapGet("/", async () => Results.Content(await sweep.Look().PageAsync(), "text/html; charset=utf-8"));
        application.MapGet("/body", async () => Results.Content(await sweep.Look().BodyAsync(), "text/html; charset=utf-8"));
        application.MapGet("/events", (HttpResponse response, CancellationToken aborted) =>
        {
            response.Headers["X-Accel-Buffering"] = "no"; // nginx, and others that heed its header, hold nothing back
            return TypedResults.ServerSentEvents(Versions(sweep, application.Lifetime.ApplicationStopping, aborted));
        });
        return application;
    }

    private static void Configure(KestrelServerOptions options, IPEndPoint endPoint)
    {
        options.Listen(endPoint);
        options.AddServerHeader = false;
        options.Limits.MaxConcurrentConnections = MostConnections;
        options.Limits.MaxRequestBodySize = 0;
    }

    private static Task Guard(HttpContext context, RequestDelegate next, HostNames names)
    {
        IHeaderDictionary headers = context.Response.Headers;
        // Charts place their parts by style attributes.
        headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src {LivePage.Script.HashSource}; style-src 'unsafe-inline'; img-src data:; connect-src "
            + "'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (names.Allows(context.Request.Host))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(
            $"'{context.Request.Host}' is no name of this dashboard: use {AskedAt(context.Connection)}; "
            + "a proxy has to pass that on as the Host, not its own name\n");
    }

    /// <summary>The address by which this very connection was made, which is always allowed.</summary>
    private static Uri AskedAt(ConnectionInfo connection)
    {
        IPAddress own = connection.LocalIpAddress!;
        IPAddress address = own.IsIPv4MappedToIPv6 ? own.MapToIPv4() : own;
        return new UriBuilder(Uri.UriSchemeHttp, $"{address}", connection.LocalPort).Uri;
    }

    private static async IAsyncEnumerable<SseItem<string>> Versions(
        LiveSweep sweep, CancellationToken stopping, [EnumeratorCancellation] CancellationToken aborted)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(stopping, aborted);
        string? sent = null;
        long lastSent = 0;
        bool isNew;
        do
        {
            string version = sweep.Look().Version;
            isNew = version != sent;
            if (!isNew && TimeProvider.System.GetElapsedTime(lastSent) < Heartbeat)
                continue;
            yield return new SseItem<string>(version) { ReconnectionInterval = Reconnection };
            sent = version;
            lastSent = TimeProvider.System.GetTimestamp();
        }
        while (await Elapses(isNew ? Rest : LookInterval, end.Token));
    }

    private static async Task<bool> Elapses(TimeSpan time, CancellationToken cancellation)
    {
        await Task.Delay(time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !cancellation.IsCancellationRequested;
    }

    private static DropoutLabException CannotListen(IPAddress address, int port, Exception exception) => new(
        exception.GetBaseException() is not SocketException socket
            ? $"port {port} on {address} cannot be had: {exception.Message.ReplaceLineEndings(" ")}"
        : socket.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse =>
                $"--port: {port} on {address} is in use; choose another, or 0 for any that is free",
            SocketError.AccessDenied =>
                $"--port: {port} needs more rights than this user has; choose one above 1023, or 0 for any that is free",
            SocketError.AddressNotAvailable =>
                $"--host: {address} is no address of this machine; choose one of its own, such as 127.0.0.1",
            _ => $"port {port} on {address} cannot be had: {socket.Message}",
        },
        exception);

    /// <summary>Signals are the caller's: the host starts and stops when it is told to.</summary>
    private sealed class CallersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
