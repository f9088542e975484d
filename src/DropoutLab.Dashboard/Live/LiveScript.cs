using System.Security.Cryptography;
using System.Text;
using DropoutLab.Dashboard.Shared;

namespace DropoutLab.Dashboard.Live;

/// <summary>The page's script, and the hash by which a browser knows that it is ours.</summary>
internal static class LiveScript
{
    private static readonly string Source = StyleSheet.Read("Live/Live.js");

    /// <summary>The script as it stands in the page.</summary>
    public static string Element { get; } = $"<script>{Source}</script>";

    /// <summary>The hash source of a Content-Security-Policy: of what stands between the tags.</summary>
    public static string HashSource { get; } =
        $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Source)))}'";
}
