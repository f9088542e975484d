namespace DropoutLab.Backends.Threading;

/// <summary>Work that divides into shares which touch no memory of one another's.</summary>
internal abstract class ParallelKernel
{
    /// <summary>Does one share.</summary>
    /// <param name="share">Which, from 0.</param>
    /// <param name="shareCount">How many there are: the team's threads.</param>
    protected abstract void RunShare(int share, int shareCount);

    /// <summary>
    /// A share's part of <paramref name="length"/> items in units of <paramref name="grain"/>, the last one short.
    /// </summary>
    /// <returns>From Start to End, End excluded; the parts differ by one unit at most and cover every item once.</returns>
    protected static (int Start, int End) RangeOf(int length, int share, int shareCount, int grain = 1)
    {
        long units = (length + (long)grain - 1) / grain;
        long start = units * share / shareCount * grain;
        long end = units * (share + 1) / shareCount * grain;
        return ((int)Math.Min(start, length), (int)Math.Min(end, length));
    }

    internal void Run(int share, int shareCount) => RunShare(share, shareCount);
}
