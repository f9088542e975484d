using System.Net;
using Microsoft.AspNetCore.Http;

namespace DropoutLab.Dashboard.Live;

/// <summary>
/// The names under which the dashboard may be asked. A page from elsewhere can have its own name point to this machine (DNS
/// rebinding) and then read what is served here, but it cannot change the name that its browser sends.
/// </summary>
/// <param name="address">What is listened on.</param>
internal sealed class HostNames(IPAddress address)
{
    private readonly bool isEveryAddress = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    public bool Allows(HostString host)
    {
        string name = host.Host.Trim('[', ']');
        if (name.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            return true;
        // An address cannot be rebound.
        return IPAddress.TryParse(name, out IPAddress? asked)
            && (isEveryAddress || asked.Equals(address) || asked.Equals(IPAddress.Loopback)
                || asked.Equals(IPAddress.IPv6Loopback));
    }
}
