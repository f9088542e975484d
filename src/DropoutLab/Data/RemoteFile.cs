namespace DropoutLab.Data;

/// <summary>A file that can be downloaded.</summary>
/// <param name="Address">Where it lies.</param>
/// <param name="Md5">The MD5 checksum that its authors publish, lower-case hexadecimal.</param>
/// <param name="Alternative">What else brings the data, to be read after "or"; null if nothing does.</param>
internal sealed record RemoteFile(Uri Address, string Md5, string? Alternative = null)
{
    public string Name => Path.GetFileName(Address.AbsolutePath);
}
