using System.Runtime.Intrinsics;

namespace DropoutLab.Random;

/// <summary>
/// Philox4x32-10, a counter-based generator: ten rounds that mix a 128-bit counter under a 64-bit key into 128 random bits.
/// With counter words c0..c3 and key words k0, k1 one round is
/// <code>
/// c0' = high(M1 c2) ⊕ c1 ⊕ k0      c1' = low(M1 c2)
/// c2' = high(M0 c0) ⊕ c3 ⊕ k1      c3' = low(M0 c0)
/// </code>
/// and between rounds k0 grows by W0, k1 by W1, modulo 2³².
/// </summary>
/// <remarks>
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011.
/// </remarks>
public static class Philox4x32
{
    internal const int Rounds = 10;
    internal const uint Multiplier0 = 0xD2511F53;
    internal const uint Multiplier1 = 0xCD9E8D57;
    internal const uint Weyl0 = 0x9E3779B9;
    internal const uint Weyl1 = 0xBB67AE85;

    /// <summary>The four random words of one counter.</summary>
    /// <param name="key">k0 in the low 32 bits, k1 in the high ones.</param>
    /// <param name="counter">c0, c1, c2, c3.</param>
    public static Vector128<uint> Block(ulong key, Vector128<uint> counter)
    {
        (uint c0, uint c1, uint c2, uint c3) = (counter[0], counter[1], counter[2], counter[3]);
        (uint k0, uint k1) = ((uint)key, (uint)(key >> 32));
        for (int round = 0; round < Rounds; round++)
        {
            ulong product0 = (ulong)Multiplier0 * c0;
            ulong product1 = (ulong)Multiplier1 * c2;
            (c0, c1) = ((uint)(product1 >> 32) ^ c1 ^ k0, (uint)product1);
            (c2, c3) = ((uint)(product0 >> 32) ^ c3 ^ k1, (uint)product0);
            k0 += Weyl0;
            k1 += Weyl1;
        }

        return Vector128.Create(c0, c1, c2, c3);
    }
}
