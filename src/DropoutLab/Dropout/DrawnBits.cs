namespace DropoutLab.Dropout;

/// <summary>The draws of one datum one after another, made as they are asked for.</summary>
/// <param name="stream">Whose draws.</param>
/// <param name="datum">Of which datum.</param>
/// <param name="count">How many there are.</param>
/// <param name="buffer">Room for <see cref="BufferWords"/> words.</param>
internal unsafe ref struct DrawnBits(MaskStream stream, uint datum, int count, ulong* buffer)
{
    /// <summary>What is drawn at once at most, so that a row of any length needs little room. Whole groups, so that the next begins one.</summary>
    public const int BufferWords = 16 * MaskKernels.WordsOfGroup;

    private readonly ulong* buffer = buffer;
    private int position;
    private int begin;
    private int end;

    /// <summary>The next draws, 1 to 64, from bit 0 on; 1 for kept.</summary>
    public ulong Next(int length)
    {
        int shift = position % 64;
        ulong bits = Word(position / 64) >> shift;
        if (shift + length > 64)
            bits |= Word(position / 64 + 1) << (64 - shift);
        position += length;
        return bits & BitWriter.Ones(length);
    }

    private ulong Word(int index)
    {
        if (index >= end)
        {
            begin = index;
            end = Math.Min(index + BufferWords, MaskKernels.WordsPerRow(count));
            MaskKernels.DrawGroups(stream, datum, begin / MaskKernels.WordsOfGroup, buffer, end - begin);
        }

        return buffer[index - begin];
    }
}
