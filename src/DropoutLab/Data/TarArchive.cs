using System.Text;

namespace DropoutLab.Data;

/// <summary>
/// The plain files of a tar archive, forwards only and in little memory, whatever the archive says: what other entries hold
/// (links, long names, attributes, sparse files) is passed over.
/// </summary>
/// <remarks>Source: IEEE Std 1003.1, pax, "ustar Interchange Format".</remarks>
internal static class TarArchive
{
    private const int BlockLength = 512;

    private static readonly Range Name = ..100, Size = 124..136, Checksum = 148..156;
    private static readonly Index Type = 156;

    /// <summary>The files in their order; the content of each is to be read before the next is asked for.</summary>
    /// <exception cref="InvalidDataException">Where a header should be there is none.</exception>
    /// <exception cref="EndOfStreamException">The archive ends within an entry.</exception>
    public static IEnumerable<TarFile> Files(Stream archive)
    {
        byte[] header = new byte[BlockLength];
        for (long position = 0; ReadHeader(archive, header);)
        {
            RequireChecksum(header, position);
            char type = (char)header[Type];
            // links, devices and folders have none
            long length = type is >= '1' and <= '6' ? 0 : Octal(header.AsSpan(Size), position);
            long rounded = length + (-length & (BlockLength - 1));
            StreamPart entry = new(archive, rounded);
            if (type is '0' or '\0')
                yield return new TarFile(LastPart(header.AsSpan(Name)), new StreamPart(entry, length));
            PassOver(entry);
            position += BlockLength + rounded;
        }
    }

    /// <summary>The next header, unless the archive ends: with a block of zeros, or by itself.</summary>
    private static bool ReadHeader(Stream archive, byte[] header)
    {
        int read = archive.ReadAtLeast(header, BlockLength, throwOnEndOfStream: false);
        return read is 0 or BlockLength
            ? read > 0 && header.AsSpan().ContainsAnyExcept((byte)0)
            : throw new EndOfStreamException("it ends within a header");
    }

    /// <summary>The sum of a header's bytes, its own field taken for spaces.</summary>
    private static void RequireChecksum(ReadOnlySpan<byte> header, long position)
    {
        long sum = 0;
        for (int i = 0; i < header.Length; i++)
            sum += i >= Checksum.Start.Value && i < Checksum.End.Value ? ' ' : header[i];
        if (sum != Octal(header[Checksum], position))
            throw NoHeader(position);
    }

    private static long Octal(ReadOnlySpan<byte> field, long position)
    {
        long number = 0;
        foreach (byte digit in field.Trim(" \0"u8))
            number = digit is >= (byte)'0' and <= (byte)'7' ? 8 * number + (digit - '0') : throw NoHeader(position);
        return number;
    }

    private static string LastPart(ReadOnlySpan<byte> name)
    {
        int end = name.IndexOf((byte)0);
        return Path.GetFileName(Encoding.Latin1.GetString(end < 0 ? name : name[..end]));
    }

    private static void PassOver(StreamPart entry)
    {
        byte[] buffer = new byte[1 << 16];
        while (entry.Remaining > 0)
            entry.ReadExactly(buffer.AsSpan(0, (int)Math.Min(buffer.Length, entry.Remaining)));
    }

    private static InvalidDataException NoHeader(long position) => new($"there is no entry's header at byte {position}");
}

/// <summary>A file in an archive.</summary>
/// <param name="Name">Its path's last part.</param>
/// <param name="Content">Its bytes.</param>
internal readonly record struct TarFile(string Name, StreamPart Content);
