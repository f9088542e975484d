using System.Security.Cryptography;
using System.Text;

namespace DropoutLab.Dashboard.Shared;

/// <summary>A page's own script, written into it, and the hash by which a browser knows that it is ours.</summary>
internal sealed class PageScript
{
    /// <param name="name">The folder and the file, as in Live/Live.js.</param>
    public PageScript(string name)
    {
        string source = StyleSheet.Read(name);
        Element = $"<script>{source}</script>";
        HashSource = $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(source)))}'";
    }

    /// <summary>The script as it stands in the page.</summary>
    public string Element { get; }

    /// <summary>The hash source of a Content-Security-Policy: of what stands between the tags.</summary>
    public string HashSource { get; }
}
