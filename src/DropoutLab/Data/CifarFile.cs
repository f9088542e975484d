namespace DropoutLab.Data;

/// <summary>A file of records.</summary>
/// <param name="Name">Its name.</param>
/// <param name="RecordCount">Records in the official file; any other number above 0 is as good.</param>
internal sealed record CifarFile(string Name, int RecordCount);
