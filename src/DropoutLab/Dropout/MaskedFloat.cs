using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DropoutLab.Dropout;

/// <summary>Elements in float.</summary>
internal unsafe struct MaskedFloat : IMaskedElement<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyGroup(ulong keep, float* source, float* destination, float scale)
    {
        MultiplyHalf((uint)keep, source, destination, scale);
        MultiplyHalf((uint)(keep >> 32), source + 32, destination + 32, scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyHalf(uint keep, float* source, float* destination, float scale)
    {
        Vector256<uint> bits = Vector256.Create(keep);
        Vector256<uint> bitOfLane = Vector256.Create(1u, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7);
        MultiplyOctet(bits, bitOfLane, source, destination, scale);
        MultiplyOctet(bits, bitOfLane << 8, source + 8, destination + 8, scale);
        MultiplyOctet(bits, bitOfLane << 16, source + 16, destination + 16, scale);
        MultiplyOctet(bits, bitOfLane << 24, source + 24, destination + 24, scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyOctet(
        Vector256<uint> bits, Vector256<uint> bitOfLane, float* source, float* destination, float scale)
    {
        Vector256<float> keep = Vector256.Equals(bits & bitOfLane, bitOfLane).AsSingle();
        Vector256.Store(keep & (Vector256.Load(source) * scale), destination);
    }
}
