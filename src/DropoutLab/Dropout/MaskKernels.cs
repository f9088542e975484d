using System.Runtime.Intrinsics;
using DropoutLab.Random;

namespace DropoutLab.Dropout;

/// <summary>
/// Mask bits and masked products of one row: the features of one datum, dense. A row's bits are whole 64-bit words
/// (<see cref="WordsPerRow"/>), feature f at bit f mod 64 of word ⌊f / 64⌋, 1 for kept, 0 beyond the last feature. Pointers need
/// no alignment beyond their type's, and nothing outside the row is read or written.
/// </summary>
internal static unsafe class MaskKernels
{
    /// <summary>The 64-bit words that are drawn at once.</summary>
    public const int WordsOfGroup = 4;

    /// <summary>The 64-bit words that hold the mask bits of one row.</summary>
    public static int WordsPerRow(int features) => (int)(((uint)features + 63) / 64);

    /// <summary>Draws the mask bits of one datum.</summary>
    public static void DrawRow(in MaskStream stream, uint datum, ulong* bits, int features)
    {
        int words = WordsPerRow(features);
        DrawGroups(stream, datum, firstGroup: 0, bits, words);
        if (features % 64 != 0)
            bits[words - 1] &= BitWriter.Ones(features % 64);
    }

    /// <summary>Draws whole words out of the mask bits of one datum, from the first of a group on.</summary>
    public static void DrawGroups(in MaskStream stream, uint datum, int firstGroup, ulong* bits, int words)
    {
        if (Vector512.IsHardwareAccelerated)
            MaskRows.Draw<PhiloxLanes512>(stream, datum, firstGroup, bits, words);
        else
            MaskRows.Draw<PhiloxLanes256>(stream, datum, firstGroup, bits, words);
    }

    /// <summary>destination[f] = kept ? source[f] · scale : +0. The two may be one array.</summary>
    public static void MultiplyRow(ulong* bits, float* source, float* destination, int features, float scale) =>
        MaskRows.Multiply<MaskedFloat, float>(bits, source, destination, features, scale);

    /// <summary>The same in bfloat16, the product rounded to nearest even.</summary>
    public static void MultiplyRow(ulong* bits, ushort* source, ushort* destination, int features, float scale) =>
        MaskRows.Multiply<MaskedBFloat16, ushort>(bits, source, destination, features, scale);

    /// <summary>
    /// <see cref="DrawRow"/> and a product in one pass, which hides most of the draw behind the memory's pace: in float, out of
    /// cache, it takes about as long as copying.
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
            MaskRows.DrawMultiply<PhiloxLanes512, TMasked, TElement>(stream, datum, bits, source, destination, features, scale);
        else
            MaskRows.DrawMultiply<PhiloxLanes256, TMasked, TElement>(stream, datum, bits, source, destination, features, scale);
    }
}
