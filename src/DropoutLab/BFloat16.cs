using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DropoutLab;

/// <summary>
/// bfloat16, the upper half of a binary32: widening is exact, rounding is to nearest, ties to even, and a NaN stays one.
/// </summary>
internal static unsafe class BFloat16
{
    private const uint HalfLessOne = 0x7fff;
    private const uint QuietNaN = 0x40;

    /// <summary>The number that the bits stand for.</summary>
    public static float ToSingle(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>The bits of the nearest bfloat16.</summary>
    public static ushort FromSingle(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value))
            return (ushort)((bits >> 16) | QuietNaN); // whatever its payload
        return (ushort)((bits + HalfLessOne + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>The nearest bfloat16 as a float.</summary>
    public static float Rounded(float value) => ToSingle(FromSingle(value));

    /// <summary>Floats whose upper halves are the nearest bfloat16; of a NaN, only if its lower half is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Rounded(Vector256<float> value)
    {
        Vector256<uint> bits = value.AsUInt32();
        Vector256<uint> lastKeptBit = (bits >>> 16) & Vector256<uint>.One;
        return bits + Vector256.Create(HalfLessOne) + lastKeptBit;
    }

    /// <summary>to[i] = from[i], exactly.</summary>
    public static void Widen(ushort* from, float* to, int length)
    {
        int i = 0;
        for (; i + 2 * Vector256<float>.Count <= length; i += 2 * Vector256<float>.Count)
        {
            (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(Vector256.Load(from + i));
            (low << 16).Store((uint*)to + i);
            (high << 16).Store((uint*)to + i + Vector256<float>.Count);
        }

        for (; i < length; i++)
            to[i] = ToSingle(from[i]);
    }

    /// <summary>to[i] = the nearest bfloat16 to from[i].</summary>
    public static void Narrow(float* from, ushort* to, int length)
    {
        int i = 0;
        for (; i + 2 * Vector256<float>.Count <= length; i += 2 * Vector256<float>.Count)
        {
            Vector256<uint> low = Upper(Vector256.Load(from + i)),
                high = Upper(Vector256.Load(from + i + Vector256<float>.Count));
            Vector256.Narrow(low, high).Store(to + i);
        }

        for (; i < length; i++)
            to[i] = FromSingle(from[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Upper(Vector256<float> value)
    {
        Vector256<uint> quietNaN = (value.AsUInt32() >>> 16) | Vector256.Create(QuietNaN);
        return Vector256.ConditionalSelect(Vector256.Equals(value, value).AsUInt32(), Rounded(value) >>> 16, quietNaN);
    }
}
