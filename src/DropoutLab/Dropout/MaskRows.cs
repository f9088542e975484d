using System.Runtime.CompilerServices;

namespace DropoutLab.Dropout;

/// <summary>
/// Loops over a row of features in groups of 64; <see cref="MaskKernels"/> says what they do. The last, partial group works
/// on a copy, so that nothing beyond the row is touched.
/// </summary>
/// <remarks>
/// Each loop is compiled by itself, in full and at once. Inlined into its caller it would run into the compiler's limit on
/// inlining, and the vectors would travel through memory: several times slower.
/// </remarks>
internal static unsafe class MaskRows
{
    private const int GroupSize = 64;
    private const MethodImplOptions ByItself = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

    [MethodImpl(ByItself)]
    public static void Draw<TDraw>(in MaskStream stream, uint datum, int firstGroup, ulong* bits, int groups)
        where TDraw : struct, IGroupDraw<TDraw>
    {
        TDraw draw = TDraw.Row(stream, datum);
        for (int group = 0; group < groups; group++)
            bits[group] = draw.Group(firstGroup + group);
    }

    [MethodImpl(ByItself)]
    public static void Multiply<TMasked, TElement>(
        ulong* bits, TElement* source, TElement* destination, int features, float scale)
        where TMasked : struct, IMaskedElement<TElement>
        where TElement : unmanaged
    {
        int wholeGroups = features / GroupSize;
        for (int group = 0; group < wholeGroups; group++)
            TMasked.MultiplyGroup(bits[group], source + group * GroupSize, destination + group * GroupSize, scale);

        if (wholeGroups * GroupSize < features)
            MultiplyTail<TMasked, TElement>(bits[wholeGroups], source, destination, features, scale);
    }

    [MethodImpl(ByItself)]
    public static void DrawMultiply<TDraw, TMasked, TElement>(
        in MaskStream stream, uint datum, ulong* bits, TElement* source, TElement* destination, int features, float scale)
        where TDraw : struct, IGroupDraw<TDraw>
        where TMasked : struct, IMaskedElement<TElement>
        where TElement : unmanaged
    {
        TDraw draw = TDraw.Row(stream, datum);
        int words = MaskKernels.WordsPerRow(features);
        int wholeGroups = features / GroupSize;
        for (int group = 0; group < words; group++)
        {
            bits[group] = draw.Group(group);
            if (group < wholeGroups)
                TMasked.MultiplyGroup(bits[group], source + group * GroupSize, destination + group * GroupSize, scale);
        }

        if (wholeGroups < words)
        {
            bits[wholeGroups] &= BitWriter.Ones(features % GroupSize);
            MultiplyTail<TMasked, TElement>(bits[wholeGroups], source, destination, features, scale);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MultiplyTail<TMasked, TElement>(
        ulong keep, TElement* source, TElement* destination, int features, float scale)
        where TMasked : struct, IMaskedElement<TElement>
        where TElement : unmanaged
    {
        TElement* group = stackalloc TElement[GroupSize];
        int done = features / GroupSize * GroupSize;
        Span<TElement> tail = new(group, features - done);
        new ReadOnlySpan<TElement>(source + done, tail.Length).CopyTo(tail);
        TMasked.MultiplyGroup(keep, group, group, scale);
        tail.CopyTo(new Span<TElement>(destination + done, tail.Length));
    }
}
