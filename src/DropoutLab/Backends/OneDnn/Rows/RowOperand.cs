namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>
/// Where the row of a datum lies: in a buffer for the whole batch, or in scratch of which each thread has one row, so that what
/// only the stages of one group see stays in the processor's cache.
/// </summary>
internal sealed class RowOperand
{
    private readonly long datumStride;
    private readonly long shareStride;

    private RowOperand(PlanBuffer buffer, long datumStride, long shareStride)
    {
        Buffer = buffer;
        this.datumStride = datumStride;
        this.shareStride = shareStride;
    }

    public PlanBuffer Buffer { get; }

    public static RowOperand OfBatch(PlanBuffer buffer, long rowBytes) => new(buffer, rowBytes, 0);

    public static RowOperand Scratch(string label, long rowBytes, int threads)
    {
        long stride = NativeMemoryBlock.Align(rowBytes);
        return new(new PlanBuffer(stride * threads, label), 0, stride);
    }

    /// <summary>Whether each datum has a row of its own.</summary>
    public bool IsByDatum => datumStride > 0;

    public unsafe byte* At(in RowPlace place) =>
        (byte*)Buffer.Row(place.Datum, place.First, place.Share, datumStride) + place.Share * shareStride;

    /// <summary>The floats that all rows share.</summary>
    public unsafe float* Shared => (float*)Buffer.Address;

    public unsafe float* Floats(in RowPlace place) => (float*)At(place);

    public unsafe ulong* Words(in RowPlace place) => (ulong*)At(place);
}

/// <summary>Which datum is at work, on which thread, and the first of those that the thread has in work.</summary>
internal readonly record struct RowPlace(int Datum, int First, int Share);
