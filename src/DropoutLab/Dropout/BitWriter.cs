using System.Numerics;
using System.Runtime.Intrinsics.X86;

namespace DropoutLab.Dropout;

/// <summary>
/// Writes bits one after another into 64-bit words, from bit 0 of the first on. Bits of the last word beyond those written are 0;
/// words after it are untouched.
/// </summary>
internal unsafe struct BitWriter(ulong* words)
{
    private const int WordSize = 64;

    /// <summary>[d]: bits 0, d, 2d, ….</summary>
    private static readonly ulong[] Every = [.. Enumerable.Range(0, WordSize + 1).Select(BitsEvery)];

    private readonly ulong* words = words;

    /// <summary>How many bits are written.</summary>
    public int Position { get; private set; }

    /// <summary>The lowest <paramref name="count"/> bits, 1 to 64.</summary>
    public static ulong Ones(int count) => ulong.MaxValue >> (WordSize - count);

    /// <summary>Appends the next draws.</summary>
    public void Append(ref DrawnBits drawn, int draws)
    {
        for (int rest = draws; rest > 0; rest -= WordSize)
        {
            int count = Math.Min(rest, WordSize);
            Append(drawn.Next(count), count);
        }
    }

    /// <summary>Appends the next draws, each of them <paramref name="times"/> times.</summary>
    public void AppendStretched(ref DrawnBits drawn, int draws, int times)
    {
        if (times > WordSize)
        {
            for (int i = 0; i < draws; i++)
                AppendRun(drawn.Next(1), times);
            return;
        }

        int drawsAWord = WordSize / times;
        ulong places = Every[times], run = Ones(times);
        for (int rest = draws; rest > 0; rest -= drawsAWord)
        {
            int count = Math.Min(rest, drawsAWord);
            Append(Deposited(drawn.Next(count), places) * run, count * times);
        }
    }

    /// <summary>Appends the next draws, 1 to 64, all of them <paramref name="times"/> times over.</summary>
    public void AppendRepeated(ref DrawnBits drawn, int draws, int times)
    {
        int repeatsAWord = WordSize / draws;
        ulong repeated = drawn.Next(draws) * Every[draws];
        for (int rest = times; rest > 0; rest -= repeatsAWord)
        {
            int count = Math.Min(rest, repeatsAWord) * draws;
            Append(repeated & Ones(count), count);
        }
    }

    /// <summary>Appends copies of what was written from <paramref name="start"/> on, so that it is there <paramref name="times"/> times.</summary>
    public void Repeat(int start, int times)
    {
        int end = start + (Position - start) * times;
        while (Position < end)
        {
            // What is there is doubled, so that short stretches soon become whole words.
            int copied = Math.Min(Position - start, end - Position);
            for (int i = 0; i < copied; i += WordSize)
            {
                int count = Math.Min(WordSize, copied - i);
                Append(Read(start + i, count), count);
            }
        }
    }

    /// <summary>Bit i at the place of the mask's i-th bit.</summary>
    internal static ulong Deposited(ulong bits, ulong mask) =>
        Bmi2.X64.IsSupported ? Bmi2.X64.ParallelBitDeposit(bits, mask) : DepositedOneByOne(bits, mask);

    /// <summary>The same where there is no instruction for it.</summary>
    internal static ulong DepositedOneByOne(ulong bits, ulong mask)
    {
        ulong result = 0;
        for (; bits != 0 && mask != 0; bits >>= 1, mask &= mask - 1)
            result |= (bits & 1) << BitOperations.TrailingZeroCount(mask);
        return result;
    }

    private static ulong BitsEvery(int distance)
    {
        ulong bits = 1;
        for (int filled = distance; filled > 0 && filled < WordSize; filled *= 2)
            bits |= bits << filled;
        return bits;
    }

    private void AppendRun(ulong bit, int times)
    {
        ulong all = 0 - bit;
        for (int rest = times; rest > 0; rest -= WordSize)
        {
            int count = Math.Min(rest, WordSize);
            Append(all & Ones(count), count);
        }
    }

    /// <summary>Appends 1 to 64 bits; those beyond are 0.</summary>
    private void Append(ulong bits, int count)
    {
        ulong* word = words + Position / WordSize;
        int shift = Position % WordSize;
        *word = shift == 0 ? bits : *word | bits << shift;
        if (shift + count > WordSize)
            word[1] = bits >> (WordSize - shift);
        Position += count;
    }

    private readonly ulong Read(int position, int count)
    {
        int shift = position % WordSize;
        ulong bits = words[position / WordSize] >> shift;
        if (shift + count > WordSize)
            bits |= words[position / WordSize + 1] << (WordSize - shift);
        return bits & Ones(count);
    }
}
