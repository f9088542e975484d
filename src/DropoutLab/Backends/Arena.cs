namespace DropoutLab.Backends;

/// <summary>
/// One block of memory for all buffers of a plan; those whose lives do not meet share room. Largest first, each at the lowest
/// place that is free for as long as it lives.
/// </summary>
internal sealed class Arena : IDisposable
{
    private readonly NativeMemoryBlock block;

    public Arena(IEnumerable<PlanBuffer> buffers)
    {
        List<(PlanBuffer Buffer, long Offset)> placed = [];
        long size = 0;
        foreach (PlanBuffer buffer in buffers.Where(buffer => !buffer.IsExternal).OrderByDescending(buffer => buffer.ByteSize))
        {
            long offset = LowestFree(buffer, placed);
            placed.Add((buffer, offset));
            size = Math.Max(size, offset + NativeMemoryBlock.Align(buffer.ByteSize));
        }

        block = new NativeMemoryBlock(size);
        foreach ((PlanBuffer buffer, long offset) in placed)
            buffer.Address = block.Address + (nint)offset;
    }

    public long ByteSize => block.ByteSize;

    public void Dispose() => block.Dispose();

    private static long LowestFree(PlanBuffer buffer, List<(PlanBuffer Buffer, long Offset)> placed)
    {
        long offset = 0;
        foreach ((PlanBuffer other, long begin) in placed.Where(other => other.Buffer.LivesWith(buffer))
            .OrderBy(other => other.Offset))
        {
            if (offset + NativeMemoryBlock.Align(buffer.ByteSize) <= begin)
                break;
            offset = Math.Max(offset, begin + NativeMemoryBlock.Align(other.ByteSize));
        }

        return offset;
    }
}
