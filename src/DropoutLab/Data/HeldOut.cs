using DropoutLab.Random;

namespace DropoutLab.Data;

/// <summary>A part of some data that is put aside, the same in every run: it is drawn by the random function of seed 0.</summary>
internal static class HeldOut
{
    /// <summary>The numbers of what stays, and of what is put aside, both rising.</summary>
    /// <param name="count">How many data there are.</param>
    /// <param name="part">Of them, in (0, 1).</param>
    /// <param name="what">What they are called, for the message.</param>
    /// <exception cref="DropoutLabException">One of both would be empty.</exception>
    public static (int[] Kept, int[] Held) Split(int count, double part, string what)
    {
        int held = (int)Math.Round(count * part);
        if (held == 0 || held == count)
            throw new DropoutLabException(
                $"a part of {part} of {what}, {count} data, is {(held == 0 ? "none" : "all")} of them", SettingName.Validation,
                part);
        int[] order = new RandomFunction(0).Permutation(count, epoch: 0);
        return ([.. order.Skip(held).Order()], [.. order.Take(held).Order()]);
    }

    /// <summary>Of rows of one length, those with some numbers.</summary>
    public static T[] Rows<T>(ReadOnlyMemory<T> all, int length, ReadOnlySpan<int> numbers)
    {
        T[] rows = new T[numbers.Length * length];
        for (int i = 0; i < numbers.Length; i++)
            all.Span.Slice(numbers[i] * length, length).CopyTo(rows.AsSpan(i * length));
        return rows;
    }
}
