using System.Net;
using System.Net.Sockets;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Experiments;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Live;

/// <summary>The command: what it prints, and what it refuses.</summary>
public sealed class DashboardCommandTests
{
    [Fact]
    public async Task ItPrintsItsAddressAndEndsWhenItIsTold()
    {
        using TemporaryFolder folder = new();
        _ = new MadeUpSweep(folder.Root, ["none"], seeds: 1);
        using CancellationTokenSource cancellation = new();
        LockedWriter output = new();
        Task<CommandRun> command = Task.Run(
            () => CommandRun.Of(output, cancellation.Token, "dashboard", folder.Root, "--port", "0"),
            TestContext.Current.CancellationToken);
        DateTime end = DateTime.UtcNow.AddSeconds(10);
        while (!output.ToString().Contains('\n', StringComparison.Ordinal) && DateTime.UtcNow < end)
            await Task.Delay(20, TestContext.Current.CancellationToken);

        string address = output.ToString().Split(' ')[0];
        using HttpClient client = new();
        Assert.Contains("<title>made up</title>",
            await client.GetStringAsync(new Uri(address), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await cancellation.CancelAsync();
        CommandRun run = await command.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal("", run.Error);
        Assert.Equal($"{address} follows {folder.Root}; Ctrl-C ends it", Assert.Single(run.Lines));
    }

    [Fact]
    public void AnotherAddressIsWarnedOf()
    {
        using TemporaryFolder folder = new();
        _ = new MadeUpSweep(folder.Root, ["none"], seeds: 1);
        using CancellationTokenSource cancellation = new();
        cancellation.Cancel();

        CommandRun run = CommandRun.Of(
            new StringWriter(), cancellation.Token, "dashboard", folder.Root, "--port", "0", "--host", "0.0.0.0");

        Assert.Equal("dropoutlab: whoever reaches 0.0.0.0 can read the report: there is no password\n", run.Error);
        Assert.Contains("http://127.0.0.1:", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("0.0.0.0", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatItCannotServeIsSaidInALine()
    {
        using TemporaryFolder folder = new();
        CommandRun.Of("dashboard", folder["none"])
            .FailsWith("there is no such folder", "give one that dropoutlab sweep or train writes to");
        CommandRun.Of("dashboard", folder.Root).FailsWith("is no sweep's folder: it holds no sweep.json", "give one that");
        CommandRun.Of("dashboard", folder.Root, "--port", "65536").FailsWith("--port", "'65536'");
        CommandRun.Of("dashboard", folder.Root, "--host", "example.org").FailsWith("--host", "'example.org' is no IP address");
        _ = new MadeUpSweep(folder.Root, ["none"], seeds: 1);
        if (!CanListenAnywhere())
            CommandRun.Of("dashboard", folder.Root, "--host", "192.0.2.1")
                .FailsWith("--host: 192.0.2.1 is no address of this machine");
    }

    [Fact]
    public void APortInUseIsSaidInALine()
    {
        using TemporaryFolder folder = new();
        _ = new MadeUpSweep(folder.Root, ["none"], seeds: 1);
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;

        CommandRun.Of("dashboard", folder.Root, "--port", $"{port}")
            .FailsWith($"--port: {port} on 127.0.0.1 is in use; choose another");
    }

    /// <summary>Linux may be told to let programs listen on addresses that are not its own.</summary>
    private static bool CanListenAnywhere()
    {
        const string Setting = "/proc/sys/net/ipv4/ip_nonlocal_bind";
        return File.Exists(Setting) && File.ReadAllText(Setting).Trim() != "0";
    }

    /// <summary>May be read while it is written.</summary>
    private sealed class LockedWriter : StringWriter
    {
        private readonly Lock gate = new();

        public override void Write(char value)
        {
            lock (gate)
                base.Write(value);
        }

        public override void Write(string? value)
        {
            lock (gate)
                base.Write(value);
        }

        public override void WriteLine(string? value)
        {
            lock (gate)
                base.WriteLine(value);
        }

        public override string ToString()
        {
            lock (gate)
                return base.ToString();
        }
    }
}
