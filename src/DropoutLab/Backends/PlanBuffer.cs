namespace DropoutLab.Backends;

/// <summary>
/// A stretch of memory that the kernels of a plan read and write. It lives from the first kernel that uses it to the last, and
/// its address is known once <see cref="Arena"/> has placed it.
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

    public long ByteSize { get; private set; }

    public string Label { get; }

    public bool IsExternal { get; }

    /// <summary>Kept for the whole step: an input that the caller fills or an output that the caller reads.</summary>
    public bool IsPersistent { get; set; }

    public nint Address { get; set; }

    public int FirstUse { get; private set; } = int.MaxValue;

    public int LastUse { get; private set; } = -1;

    /// <summary>Bytes of a thread's window, or 0 where all rows are kept.</summary>
    private long WindowBytes { get; set; }

    /// <summary>
    /// Keeps only the rows that a thread has in work, where they are fewer than all: for what is read where it is made, a few
    /// data later.
    /// </summary>
    /// <param name="rowBytes">Bytes of a datum's row.</param>
    /// <param name="rows">The most that a thread has in work at a time.</param>
    /// <param name="threads">The threads.</param>
    public void KeepWindow(long rowBytes, int rows, int threads)
    {
        long window = NativeMemoryBlock.Align(rowBytes * rows);
        if (window * threads < ByteSize)
            (WindowBytes, ByteSize) = (window, window * threads);
    }

    /// <summary>Where a datum's row is.</summary>
    /// <param name="datum">Its number in the batch.</param>
    /// <param name="first">That of the first of those that the thread has in work.</param>
    /// <param name="share">Which thread.</param>
    /// <param name="rowBytes">Bytes of a row.</param>
    public nint Row(int datum, int first, int share, long rowBytes) => WindowBytes == 0
        ? Address + (nint)(datum * rowBytes)
        : Address + (nint)(share * WindowBytes + (datum - first) * rowBytes);

    public void UsedBy(int kernel)
    {
        FirstUse = Math.Min(FirstUse, kernel);
        LastUse = Math.Max(LastUse, kernel);
    }

    public bool LivesWith(PlanBuffer other) =>
        IsPersistent || other.IsPersistent || (FirstUse <= other.LastUse && other.FirstUse <= LastUse);
}
