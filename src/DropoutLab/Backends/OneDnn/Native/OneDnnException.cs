namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>A function of oneDNN failed: a mistake in its arguments or no memory, nothing that the user could mend.</summary>
internal sealed class OneDnnException(string operation, Status status, string statusName)
    : Exception($"oneDNN: {operation} failed with status {statusName}")
{
    public string Operation { get; } = operation;

    public Status Status { get; } = status;
}
