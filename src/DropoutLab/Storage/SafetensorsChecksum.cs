using System.Security.Cryptography;
using System.Text;

namespace DropoutLab.Storage;

/// <summary>
/// The SHA-256 of a safetensors file, kept in the file's own metadata: it covers every byte of the file, its own 64 digits
/// taken as zeros, so that no flipped bit goes unseen, in the header neither.
/// </summary>
internal static class SafetensorsChecksum
{
    public const string Key = "sha256";

    private const int DigitCount = 2 * SHA256.HashSizeInBytes;

    public static readonly string Blank = new('0', DigitCount);

    /// <summary>Replaces the blank checksum in <paramref name="head"/> by the right one.</summary>
    public static void Seal(byte[] head, IEnumerable<NamedArray> data, int pieceBytes)
    {
        // Quotes within metadata are written escaped, so this text can be found in one place only.
        byte[] entry = Encoding.ASCII.GetBytes($"\"{Key}\":\"{Blank}\"");
        int position = head.AsSpan().IndexOf(entry) + entry.Length - 1 - DigitCount;
        Encoding.ASCII.GetBytes(Digest(head, data, pieceBytes), head.AsSpan(position, DigitCount));
    }

    /// <exception cref="InvalidDataException">The file's bytes do not give the checksum.</exception>
    public static void Verify(byte[] head, IEnumerable<NamedArray> data, string checksum, int pieceBytes)
    {
        byte[] blank = [.. head];
        int position = head.AsSpan().IndexOf(Encoding.UTF8.GetBytes(checksum));
        if (checksum.Length == DigitCount && position >= 0)
            blank.AsSpan(position, DigitCount).Fill((byte)'0');
        if (!string.Equals(Digest(blank, data, pieceBytes), checksum, StringComparison.Ordinal))
            throw new InvalidDataException("its content does not match its SHA-256 checksum");
    }

    private static string Digest(byte[] head, IEnumerable<NamedArray> data, int pieceBytes)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head);
        foreach (NamedArray array in data)
            array.ForEachPiece(pieceBytes, piece => hash.AppendData(piece));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
