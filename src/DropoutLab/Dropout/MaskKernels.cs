using System.Runtime.Intrinsics;
using Narrow = DropoutLab.Dropout.VectorGroupDraw<DropoutLab.Random.PhiloxLanes256>;
using Wide = DropoutLab.Dropout.VectorGroupDraw<DropoutLab.Random.PhiloxLanes512>;

namespace DropoutLab.Dropout;

/// <summary>
/// Mask bits and masked products of one row: the features of one datum, dense. A row's bits are whole 64-bit words
/// (<see cref="WordsPerRow"/>), feature f at bit f mod 64 of word ⌊f / 64⌋, 1 for kept, 0 beyond the last feature. Pointers need
/// no alignment beyond their type's, and nothing outside the row is read or written.
/// </summary>
internal static unsafe class MaskKernels
{
    /// <summary>The 64-bit words that hold the mask bits of one row.</summary>
    public static int WordsPerRow(int features) => (features + 63) / 64;

    /// <summary>Draws the mask bits of one datum.</summary>
    public static void DrawRow(in MaskStream stream, uint datum, ulong* bits, int features)
    {
        int words = WordsPerRow(features);
        DrawWords(stream, datum, firstWord: 0, bits, words);
        if (features % 64 != 0)
            bits[words - 1] &= BitWriter.Ones(features % 64);
    }

    /// <summary>Draws whole words out of the mask bits of one datum.</summary>
    public static void DrawWords(in MaskStream stream, uint datum, int firstWord, ulong* bits, int words)
    {
        if (Vector512.IsHardwareAccelerated)
            MaskRows.Draw<Wide>(stream, datum, firstWord, bits, words);
        else if (Vector128.IsHardwareAccelerated)
            MaskRows.Draw<Narrow>(stream, datum, firstWord, bits, words);
        else
            MaskRows.Draw<ScalarGroupDraw>(stream, datum, firstWord, bits, words);
    }

    /// <summary>destination[f] = kept ? source[f] · scale : +0. The two may be one array.</summary>
    public static void MultiplyRow(ulong* bits, float* source, float* destination, int features, float scale) =>
        MaskRows.Multiply<MaskedFloat, float>(bits, source, destination, features, scale);

    /// <summary>The same in bfloat16, the product rounded to nearest even.</summary>
    public static void MultiplyRow(ulong* bits, ushort* source, ushort* destination, int features, float scale) =>
        MaskRows.Multiply<MaskedBFloat16, ushort>(bits, source, destination, features, scale);

    /// <summary>
    /// <see cref="DrawRow"/> and a product in one pass, which hides part of the draw behind the memory's pace: a third less time
    /// than one after the other, measured in float out of cache.
    /// </summary>
    public static void DrawMultiplyRow(
        in MaskStream stream, uint datum, ulong* bits, float* source, float* destination, int features, float scale) =>
        DrawMultiplyRow<MaskedFloat, float>(stream, datum, bits, source, destination, features, scale);

    /// <summary>The same in bfloat16.</summary>
    public static void DrawMultiplyRow(
        in MaskStream stream, uint datum, ulong* bits, ushort* source, ushort* destination, int features, float scale) =>
        DrawMultiplyRow<MaskedBFloat16, ushort>(stream, datum, bits, source, destination, features, scale);

    private static void DrawMultiplyRow<TMasked, TElement>(
        in MaskStream stream, uint datum, ulong* bits, TElement* source, TElement* destination, int features, float scale)
        where TMasked : struct, IMaskedElement<TElement>
        where TElement : unmanaged
    {
        if (Vector512.IsHardwareAccelerated)
            MaskRows.DrawMultiply<Wide, TMasked, TElement>(stream, datum, bits, source, destination, features, scale);
        else if (Vector128.IsHardwareAccelerated)
            MaskRows.DrawMultiply<Narrow, TMasked, TElement>(stream, datum, bits, source, destination, features, scale);
        else
            MaskRows.DrawMultiply<ScalarGroupDraw, TMasked, TElement>(stream, datum, bits, source, destination, features, scale);
    }
}
