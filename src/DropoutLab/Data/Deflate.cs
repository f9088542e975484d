namespace DropoutLab.Data;

/// <summary>
/// How far compressed bytes can expand, for holding a promised length against them before anything is allocated.
/// </summary>
internal static class Deflate
{
    /// <summary>
    /// Bytes that a compressed byte stands for at most: a match of 258 bytes takes one bit for its length and one for its
    /// distance.
    /// </summary>
    /// <remarks>Source: RFC 1951, 3.2.5.</remarks>
    private const int MostExpansion = 258 * 8 / 2;

    public static bool CanHold(long compressed, long expanded) => expanded <= compressed * MostExpansion;
}
