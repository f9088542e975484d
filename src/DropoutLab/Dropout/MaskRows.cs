using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using DropoutLab.Random;

namespace DropoutLab.Dropout;

/// <summary>
/// Loops over a row of features; <see cref="MaskKernels"/> says what they do. What is drawn or multiplied at once and reaches beyond
/// the row is worked on in a copy, so that nothing there is touched.
/// </summary>
/// <remarks>
/// Each loop is compiled by itself, in full and at once. Inlined into its caller it would run into the compiler's limit on
/// inlining, and the vectors would travel through memory: several times slower.
/// </remarks>
internal static unsafe class MaskRows
{
    private const int FeaturesOfWord = 64;
    private const int CacheLineBytes = 64;
    private const MethodImplOptions ByItself = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

    [MethodImpl(ByItself)]
    public static void Draw<TLanes>(in MaskStream stream, uint datum, int firstGroup, ulong* bits, int words)
        where TLanes : struct, IPhiloxLanes<TLanes>
    {
        GroupDraw<TLanes> draw = new(stream, datum);
        for (int word = 0; word < words; word += MaskKernels.WordsOfGroup)
            Store(draw.Group(firstGroup + word / MaskKernels.WordsOfGroup), bits + word, words - word);
    }

    [MethodImpl(ByItself)]
    public static void Multiply<TMasked, TElement>(
        ulong* bits, TElement* source, TElement* destination, int features, float scale)
        where TMasked : struct, IMaskedElement<TElement>
        where TElement : unmanaged
    {
        int wholeWords = features / FeaturesOfWord;
        for (int word = 0; word < wholeWords; word++)
            TMasked.MultiplyGroup(bits[word], source + word * FeaturesOfWord, destination + word * FeaturesOfWord, scale);

        if (wholeWords * FeaturesOfWord < features)
            MultiplyTail<TMasked, TElement>(bits[wholeWords], source, destination, features, scale);
    }

    [MethodImpl(ByItself)]
    public static void DrawMultiply<TLanes, TMasked, TElement>(
        in MaskStream stream, uint datum, ulong* bits, TElement* source, TElement* destination, int features, float scale)
        where TLanes : struct, IPhiloxLanes<TLanes>
        where TMasked : struct, IMaskedElement<TElement>
        where TElement : unmanaged
    {
        GroupDraw<TLanes> draw = new(stream, datum);
        int words = MaskKernels.WordsPerRow(features);
        int wholeWords = features / FeaturesOfWord;
        for (int word = 0; word < words; word++)
        {
            if (word % MaskKernels.WordsOfGroup == 0)
            {
                Fetch(source + word * FeaturesOfWord, MaskKernels.WordsOfGroup * FeaturesOfWord);
                Store(draw.Group(word / MaskKernels.WordsOfGroup), bits + word, words - word);
            }

            if (word < wholeWords)
                TMasked.MultiplyGroup(bits[word], source + word * FeaturesOfWord, destination + word * FeaturesOfWord, scale);
        }

        if (wholeWords < words)
        {
            bits[wholeWords] &= BitWriter.Ones(features % FeaturesOfWord);
            MultiplyTail<TMasked, TElement>(bits[wholeWords], source, destination, features, scale);
        }
    }

    /// <summary>Has the memory bring what is multiplied next, while the group is drawn. Measured out of cache: a fifth less time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch<TElement>(TElement* elements, int count) where TElement : unmanaged
    {
        if (!Sse.IsSupported)
            return;
        for (int i = 0; i < count; i += CacheLineBytes / sizeof(TElement))
            Sse.Prefetch0(elements + i);
    }

    /// <summary>Stores the first words of a group, as many as there is room for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<ulong> group, ulong* bits, int room)
    {
        if (room >= Vector256<ulong>.Count)
            group.Store(bits);
        else
            StoreFirst(group, bits, room);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StoreFirst(Vector256<ulong> group, ulong* bits, int count)
    {
        for (int i = 0; i < count; i++)
            bits[i] = group[i];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MultiplyTail<TMasked, TElement>(
        ulong keep, TElement* source, TElement* destination, int features, float scale)
        where TMasked : struct, IMaskedElement<TElement>
        where TElement : unmanaged
    {
        TElement* group = stackalloc TElement[FeaturesOfWord];
        int done = features / FeaturesOfWord * FeaturesOfWord;
        Span<TElement> tail = new(group, features - done);
        new ReadOnlySpan<TElement>(source + done, tail.Length).CopyTo(tail);
        TMasked.MultiplyGroup(keep, group, group, scale);
        tail.CopyTo(new Span<TElement>(destination + done, tail.Length));
    }
}
