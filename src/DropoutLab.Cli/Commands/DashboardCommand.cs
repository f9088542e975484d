using System.CommandLine;
using System.Net;
using System.Net.NetworkInformation;
using DropoutLab.Cli.Options;
using DropoutLab.Dashboard.Live;

namespace DropoutLab.Cli.Commands;

/// <summary>Serves a sweep's report, kept up to date while the sweep runs.</summary>
internal sealed class DashboardCommand : Command
{
    private const string LocalName = "localhost";

    private readonly CommandConsole console;
    private readonly Argument<string> folder = CommandOption.PathArgument("DIR", "The folder of a sweep, or of a run");

    private readonly Option<int?> port = CommandOption.Create(
        "--port", "N", "The port; 0 for any that is free", $"{DashboardServer.DefaultPort} or the next that is free",
        CommandOption.WholeNumber(IPEndPoint.MinPort, IPEndPoint.MaxPort));

    private readonly Option<IPAddress?> host = CommandOption.Create(
        "--host", "ADDRESS", "The address to serve at; others than this machine's own are open to the network",
        $"{IPAddress.Loopback}", ReadAddress);

    public DashboardCommand(CommandConsole console)
        : base("dashboard", "Serve the report of a sweep, or of a run, as a page that follows it while it works.")
    {
        this.console = console;
        Add(folder);
        Add(port);
        Add(host);
        SetAction((parse, _) => Run(parse));
    }

    private async Task<int> Run(ParseResult parse)
    {
        IPAddress address = parse.GetValue(host) ?? IPAddress.Loopback;
        await using DashboardServer server = await DashboardServer.StartAsync(
            parse.GetValue(folder)!, address, parse.GetValue(port));
        if (!IPAddress.IsLoopback(address))
            console.Note($"whoever reaches {address} can read the report: there is no password");
        console.Output.WriteLine(
            $"{string.Join(" and ", Addresses(server.Address, address))} follows {parse.GetValue(folder)}; Ctrl-C ends it");
        await server.RunAsync(console.Cancellation);
        return ExitCode.Success;
    }

    /// <summary>
    /// Where a browser finds the page: what means every address of this machine is none that can be opened elsewhere.
    /// </summary>
    private static IEnumerable<Uri> Addresses(Uri served, IPAddress address) =>
        address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)
        ? NetworkInterface.GetAllNetworkInterfaces().SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address).Where(own => own.AddressFamily == address.AddressFamily && !own.IsIPv6LinkLocal)
            .Select(own => new UriBuilder(served) { Host = own.ToString() }.Uri)
        : [served];

    private static IPAddress? ReadAddress(string text) =>
        text.Equals(LocalName, StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
        : IPAddress.TryParse(text, out IPAddress? address) ? address
        : throw new DropoutLabException(
            $"'{text}' is no IP address: use one such as 127.0.0.1, or 0.0.0.0 for all of this machine's");
}
