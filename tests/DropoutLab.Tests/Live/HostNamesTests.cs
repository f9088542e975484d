using System.Net;
using DropoutLab.Dashboard.Live;
using Microsoft.AspNetCore.Http;

namespace DropoutLab.Tests.Live;

/// <summary>Who listens on every address can be asked by each of them, but by no name that somebody else gives out.</summary>
public sealed class HostNamesTests
{
    [Theory]
    [InlineData("0.0.0.0", "192.0.2.1", true)]
    [InlineData("0.0.0.0", "192.0.2.1:5173", true)]
    [InlineData("0.0.0.0", "[2001:db8::1]:5173", true)]
    [InlineData("0.0.0.0", "localhost:5173", true)]
    [InlineData("0.0.0.0", "evil.example", false)]
    [InlineData("0.0.0.0", "192.0.2.1.evil.example", false)]
    [InlineData("::", "192.0.2.1", true)]
    [InlineData("::", "[2001:db8::1]", true)]
    [InlineData("::", "evil.example:5173", false)]
    [InlineData("192.0.2.1", "192.0.2.1:5173", true)]
    [InlineData("192.0.2.1", "127.0.0.1:5173", true)]
    [InlineData("192.0.2.1", "[::1]:5173", true)]
    [InlineData("192.0.2.1", "localhost", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "[2001:db8::1]", false)]
    [InlineData("192.0.2.1", "evil.example", false)]
    [InlineData("127.0.0.1", "192.0.2.1", false)]
    [InlineData("::1", "[::1]", true)]
    [InlineData("2001:db8::1", "[2001:db8::1]:5173", true)]
    public void AnAddressIsAskedByWhatCannotBeRebound(string address, string host, bool isAllowed) =>
        Assert.Equal(isAllowed, new HostNames(IPAddress.Parse(address)).Allows(new HostString(host)));
}
