using System.Security.Cryptography;

namespace DropoutLab.Data;

/// <summary>A file that can be downloaded.</summary>
/// <param name="Address">Where it lies.</param>
/// <param name="Md5">The MD5 checksum that its authors publish, lower-case hexadecimal.</param>
/// <param name="Alternative">What else brings the data, to be read after "or"; null if nothing does.</param>
internal sealed record RemoteFile(Uri Address, string Md5, string? Alternative = null)
{
    public string Name => Path.GetFileName(Address.AbsolutePath);

    /// <summary>The MD5 checksum of a file, lower-case hexadecimal.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static async Task<string> Md5OfAsync(string path, CancellationToken cancellation)
    {
        FileStream stream = File.OpenRead(path);
        await using (stream.ConfigureAwait(false))
            return Convert.ToHexStringLower(await MD5.HashDataAsync(stream, cancellation).ConfigureAwait(false));
    }
}
