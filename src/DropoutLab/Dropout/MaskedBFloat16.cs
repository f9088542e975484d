using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DropoutLab.Dropout;

/// <summary>Elements in bfloat16, the high half of a float; the product is worked in float and rounded to nearest even.</summary>
internal unsafe struct MaskedBFloat16 : IMaskedElement<ushort>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyGroup(ulong keep, ushort* source, ushort* destination, float scale)
    {
        for (int i = 0; i < 64; i += 16)
            MultiplySixteen((ushort)(keep >> i), source + i, destination + i, scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplySixteen(ushort keep, ushort* source, ushort* destination, float scale)
    {
        Vector256<ushort> bitOfLane = Vector256.Create(
            1, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7,
            1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, (ushort)(1u << 15));
        Vector256<ushort> kept = Vector256.Equals(Vector256.Create(keep) & bitOfLane, bitOfLane);

        Vector256<uint> pairs = Vector256.Load(source).AsUInt32();
        Vector256<uint> highHalves = Vector256.Create(0xFFFF_0000u);
        Vector256<uint> even = Rounded((pairs << 16).AsSingle() * scale) >>> 16;
        Vector256<uint> odd = Rounded((pairs & highHalves).AsSingle() * scale) & highHalves;
        Vector256.Store(kept & (even | odd).AsUInt16(), destination);
    }

    /// <summary>
    /// A float whose high half is the nearest bfloat16. A NaN stays one without a test: its payload came from a bfloat16, so
    /// its low half is zero and nothing carries.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Rounded(Vector256<float> value)
    {
        Vector256<uint> bits = value.AsUInt32();
        Vector256<uint> lastKeptBit = (bits >>> 16) & Vector256<uint>.One;
        return bits + Vector256.Create(0x7FFFu) + lastKeptBit;
    }
}
