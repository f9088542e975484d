namespace DropoutLab.Backends;

/// <summary>bfloat16: the upper half of a binary32, rounded to nearest, ties to even.</summary>
internal static class BFloat16Bits
{
    public static float ToSingle(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    public static ushort FromSingle(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value))
            return (ushort)((bits >> 16) | 0x40); // stays a NaN whatever its payload
        return (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }
}
