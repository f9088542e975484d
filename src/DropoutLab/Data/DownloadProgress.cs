namespace DropoutLab.Data;

/// <summary>How far a download is.</summary>
/// <param name="Bytes">Bytes on the disk, those of an earlier start included.</param>
/// <param name="Total">The whole file's bytes, or null where the server does not tell.</param>
/// <param name="File">The file's name.</param>
public sealed record DownloadProgress(long Bytes, long? Total, string File);
