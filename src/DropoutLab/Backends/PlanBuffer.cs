namespace DropoutLab.Backends;

/// <summary>
/// A stretch of memory that the kernels of a plan read and write. It lives from the first kernel that uses it to the last, and its
/// address is known once <see cref="Arena"/> has placed it.
/// </summary>
internal sealed class PlanBuffer
{
    public PlanBuffer(long byteSize, string label)
    {
        ByteSize = byteSize;
        Label = label;
    }

    /// <summary>A buffer whose memory belongs to somebody else, such as a parameter's.</summary>
    public PlanBuffer(long byteSize, string label, nint address) : this(byteSize, label)
    {
        Address = address;
        IsExternal = true;
    }

    public long ByteSize { get; }

    public string Label { get; }

    public bool IsExternal { get; }

    /// <summary>Kept for the whole step: an input that the caller fills or an output that the caller reads.</summary>
    public bool IsPersistent { get; set; }

    public nint Address { get; set; }

    public int FirstUse { get; private set; } = int.MaxValue;

    public int LastUse { get; private set; } = -1;

    public void UsedBy(int kernel)
    {
        FirstUse = Math.Min(FirstUse, kernel);
        LastUse = Math.Max(LastUse, kernel);
    }

    public bool LivesWith(PlanBuffer other) =>
        IsPersistent || other.IsPersistent || (FirstUse <= other.LastUse && other.FirstUse <= LastUse);
}
