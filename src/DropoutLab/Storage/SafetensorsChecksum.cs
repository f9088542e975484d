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
    public static void Seal(byte[] head, IEnumerable<ReadOnlyMemory<byte>> data)
    {
        // Quotes within metadata are written escaped, so this text can be found in one place only.
        byte[] entry = Encoding.ASCII.GetBytes($"\"{Key}\":\"{Blank}\"");
        int position = head.AsSpan().IndexOf(entry) + entry.Length - 1 - DigitCount;
        Encoding.ASCII.GetBytes(Digest(head, data), head.AsSpan(position, DigitCount));
    }

    /// <exception cref="InvalidDataException">The file's bytes do not give the checksum.</exception>
    public static void Verify(byte[] file, int headLength, string checksum)
    {
        byte[] head = file[..headLength];
        int position = head.AsSpan().IndexOf(Encoding.UTF8.GetBytes(checksum));
        if (checksum.Length == DigitCount && position >= 0)
            head.AsSpan(position, DigitCount).Fill((byte)'0');
        if (!string.Equals(Digest(head, [file.AsMemory(headLength)]), checksum, StringComparison.Ordinal))
            throw new InvalidDataException("its content does not match its SHA-256 checksum");
    }

    private static string Digest(byte[] head, IEnumerable<ReadOnlyMemory<byte>> data)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head);
        foreach (ReadOnlyMemory<byte> part in data)
            hash.AppendData(part.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
