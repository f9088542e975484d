namespace DropoutLab.Data;

/// <summary>One of SVHN's files.</summary>
/// <param name="FileName">Its name.</param>
/// <param name="Count">Images in the official file; any other number above 0 is as good.</param>
/// <param name="Md5">The official file's checksum.</param>
internal sealed record SvhnPart(string FileName, int Count, string Md5);
