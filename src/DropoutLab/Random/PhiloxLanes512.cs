using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DropoutLab.Random;

/// <summary>Eight lanes in one vector of 512 bits. Compiles to AVX-512; elsewhere it is as right and not as fast.</summary>
internal readonly struct PhiloxLanes512(Vector512<ulong> lanes) : IPhiloxLanes<PhiloxLanes512>
{
    private readonly Vector512<ulong> lanes = lanes;

    public PhiloxLanes512 High
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(lanes >>> 32);
    }

    public Vector256<uint> Words
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx512F.IsSupported
            ? Avx512F.ConvertToVector256UInt32(lanes)
            : Vector256.Narrow(lanes.GetLower(), lanes.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PhiloxLanes512 Broadcast(uint word) => new(Vector512.Create(word).AsUInt64());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PhiloxLanes512 Consecutive(uint first) =>
        new((Vector512.Create(first) + Vector512.Create(0u, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0)).AsUInt64());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PhiloxLanes512 operator *(PhiloxLanes512 lanes, uint factor) => Avx512F.IsSupported
        ? new(Avx512F.Multiply(lanes.lanes.AsUInt32(), Vector512.Create(factor)))
        : new(Vector512.Create(
            PhiloxLanes256.MultiplyWidening(lanes.lanes.GetLower(), factor),
            PhiloxLanes256.MultiplyWidening(lanes.lanes.GetUpper(), factor)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PhiloxLanes512 operator ^(PhiloxLanes512 left, PhiloxLanes512 right) => new(left.lanes ^ right.lanes);
}
