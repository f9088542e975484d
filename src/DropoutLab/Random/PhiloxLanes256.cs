using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace DropoutLab.Random;

/// <summary>
/// Eight lanes in two vectors of 256 bits, the even counters and the odd ones, so that one blend puts their words in order.
/// Compiles to AVX2; elsewhere .NET runs it as pairs of 128 bits.
/// </summary>
internal readonly struct PhiloxLanes256(Vector256<ulong> even, Vector256<ulong> odd) : IPhiloxLanes<PhiloxLanes256>
{
    private readonly Vector256<ulong> even = even;
    private readonly Vector256<ulong> odd = odd;

    public PhiloxLanes256 High
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(even >>> 32, odd >>> 32);
    }

    public Vector256<uint> Words
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Vector256<uint> low = even.AsUInt32();
            Vector256<uint> high = (odd << 32).AsUInt32();
            return Avx2.IsSupported
                ? Avx2.Blend(low, high, 0b1010_1010)
                : Vector256.ConditionalSelect(Vector256.Create((ulong)uint.MaxValue).AsUInt32(), low, high);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PhiloxLanes256 Broadcast(uint word)
    {
        Vector256<ulong> lanes = Vector256.Create(word).AsUInt64();
        return new(lanes, lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PhiloxLanes256 Consecutive(uint first)
    {
        Vector256<uint> start = Vector256.Create(first);
        return new(
            (start + Vector256.Create(0u, 0, 2, 0, 4, 0, 6, 0)).AsUInt64(),
            (start + Vector256.Create(1u, 0, 3, 0, 5, 0, 7, 0)).AsUInt64());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PhiloxLanes256 operator *(PhiloxLanes256 lanes, uint factor) =>
        new(MultiplyWidening(lanes.even, factor), MultiplyWidening(lanes.odd, factor));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PhiloxLanes256 operator ^(PhiloxLanes256 left, PhiloxLanes256 right) =>
        new(left.even ^ right.even, left.odd ^ right.odd);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<ulong> MultiplyWidening(Vector256<ulong> lanes, uint factor)
    {
        if (Avx2.IsSupported)
            return Avx2.Multiply(lanes.AsUInt32(), Vector256.Create(factor));
        if (AdvSimd.IsSupported)
        {
            return Vector256.Create(
                AdvSimd.MultiplyWideningLower(AdvSimd.ExtractNarrowingLower(lanes.GetLower()), Vector64.Create(factor)),
                AdvSimd.MultiplyWideningLower(AdvSimd.ExtractNarrowingLower(lanes.GetUpper()), Vector64.Create(factor)));
        }

        return (lanes & Vector256.Create((ulong)uint.MaxValue)) * factor;
    }
}
