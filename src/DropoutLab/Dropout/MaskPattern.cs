using System.Numerics;
using System.Runtime.Intrinsics.X86;

namespace DropoutLab.Dropout;

/// <summary>
/// A <see cref="MaskSharing"/> for inputs of one shape: draws the bits of a datum, of which several features may share one. The
/// draws are made in order and each of them once; along a shared axis the bits that are already there are copied.
/// </summary>
internal sealed unsafe class MaskPattern
{
    private readonly MaskSharing sharing;
    private readonly int draws;
    private readonly Axis[] axes;

    /// <param name="sharing">Which axes are shared.</param>
    /// <param name="shape">The input's axes, the batch first.</param>
    /// <exception cref="DropoutLabException">The sharing does not fit the shape.</exception>
    public MaskPattern(MaskSharing sharing, ReadOnlySpan<int> shape)
    {
        sharing.CheckFit(shape, "an input");
        this.sharing = sharing;
        axes = Merged(sharing, shape);
        Features = Product(axes);
        draws = Product(axes.Where(axis => !axis.IsShared));
    }

    /// <summary>The number of features of a datum.</summary>
    public int Features { get; }

    /// <summary>Whether several features of a datum share one draw.</summary>
    private bool SharesFeatures => draws < Features;

    /// <summary>Draws the mask bits of one datum, laid out as <see cref="MaskKernels"/> says.</summary>
    public void DrawRow(in MaskStream stream, uint datum, ulong* bits) => DrawRow(stream, datum, bits, Features);

    /// <summary>
    /// Draws at least the first <paramref name="needed"/> bits of a datum: those of a sentence shorter than the longest.
    /// </summary>
    public void DrawRow(in MaskStream stream, uint datum, ulong* bits, int needed)
    {
        if (!SharesFeatures)
        {
            MaskKernels.DrawRow(stream, sharing.DrawnDatum(datum), bits, needed);
            return;
        }

        ulong* buffer = stackalloc ulong[DrawReader.BufferWords];
        DrawReader drawn = new(stream, sharing.DrawnDatum(datum), draws, buffer);
        BitWriter row = new(bits);
        Write(0, ref drawn, ref row);
    }

    /// <summary>The same, and y = x ⊙ ε / (1 − p), in one pass where every feature has a draw of its own.</summary>
    public void DrawMultiplyRow(in MaskStream stream, uint datum, ulong* bits, float* x, float* y) =>
        DrawMultiplyRow(stream, datum, bits, x, y, Features);

    /// <summary>The same of the first <paramref name="needed"/> features.</summary>
    public void DrawMultiplyRow(in MaskStream stream, uint datum, ulong* bits, float* x, float* y, int needed)
    {
        if (!SharesFeatures)
        {
            MaskKernels.DrawMultiplyRow(stream, sharing.DrawnDatum(datum), bits, x, y, needed, (float)stream.Scale);
            return;
        }

        DrawRow(stream, datum, bits);
        MaskKernels.MultiplyRow(bits, x, y, needed, (float)stream.Scale);
    }

    /// <summary>Writes the features along an axis and those within it, once.</summary>
    private void Write(int depth, ref DrawReader drawn, ref BitWriter row)
    {
        Axis axis = axes[depth];
        int inner = axes.Length - 1 - depth;
        if (axis.IsShared && inner == 0)
        {
            row.AppendStretched(ref drawn, draws: 1, axis.Length);
        }
        else if (axis.IsShared && inner == 1 && axes[^1].Length <= 64)
        {
            row.AppendRepeated(ref drawn, axes[^1].Length, axis.Length);
        }
        else if (axis.IsShared)
        {
            int start = row.Position;
            Write(depth + 1, ref drawn, ref row);
            row.Repeat(start, axis.Length);
        }
        else if (inner == 0)
        {
            row.Append(ref drawn, axis.Length);
        }
        else if (inner == 1)
        {
            // Neighbours differ, so the last axis is shared.
            row.AppendStretched(ref drawn, axis.Length, axes[^1].Length);
        }
        else
        {
            for (int i = 0; i < axis.Length; i++)
                Write(depth + 1, ref drawn, ref row);
        }
    }

    /// <summary>The axes of a datum, outermost first: neighbours of one kind are one axis, and length 1 is none.</summary>
    private static Axis[] Merged(MaskSharing sharing, ReadOnlySpan<int> shape)
    {
        List<Axis> merged = [];
        for (int i = 1; i < shape.Length; i++)
        {
            Axis axis = new(shape[i], sharing.IsShared(i, shape.Length));
            if (axis.Length == 1)
                continue;
            if (merged.Count > 0 && merged[^1].IsShared == axis.IsShared)
                merged[^1] = axis with { Length = checked(axis.Length * merged[^1].Length) };
            else
                merged.Add(axis);
        }

        return [.. merged];
    }

    private static int Product(IEnumerable<Axis> axes) => axes.Aggregate(1, (product, axis) => checked(product * axis.Length));

    private readonly record struct Axis(int Length, bool IsShared);
}

/// <summary>The draws of one datum one after another, made as they are asked for.</summary>
/// <param name="stream">Whose draws.</param>
/// <param name="datum">Of which datum.</param>
/// <param name="count">How many there are.</param>
/// <param name="buffer">Room for <see cref="BufferWords"/> words.</param>
internal unsafe ref struct DrawReader(MaskStream stream, uint datum, int count, ulong* buffer)
{
    /// <summary>
    /// What is drawn at once at most, so that a row of any length needs little room. Whole groups, so that the next begins one.
    /// </summary>
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
    public void Append(ref DrawReader drawn, int draws)
    {
        for (int rest = draws; rest > 0; rest -= WordSize)
        {
            int count = Math.Min(rest, WordSize);
            Append(drawn.Next(count), count);
        }
    }

    /// <summary>Appends the next draws, each of them <paramref name="times"/> times.</summary>
    public void AppendStretched(ref DrawReader drawn, int draws, int times)
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
    public void AppendRepeated(ref DrawReader drawn, int draws, int times)
    {
        int repeatsAWord = WordSize / draws;
        ulong repeated = drawn.Next(draws) * Every[draws];
        for (int rest = times; rest > 0; rest -= repeatsAWord)
        {
            int count = Math.Min(rest, repeatsAWord) * draws;
            Append(repeated & Ones(count), count);
        }
    }

    /// <summary>
    /// Appends copies of what was written from <paramref name="start"/> on, so that it is there <paramref name="times"/> times.
    /// </summary>
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
