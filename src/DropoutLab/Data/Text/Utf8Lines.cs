using System.IO.Hashing;
using System.Text.Unicode;
using DropoutLab.Storage;

namespace DropoutLab.Data.Text;

/// <summary>Goes through a text file line by line, of which no more than a few blocks are in memory.</summary>
internal sealed class Utf8Lines
{
    /// <summary>The longest line, in bytes: a longer one is no sentence but a file of another kind.</summary>
    public const int LongestLine = 1 << 20;

    private const int BlockBytes = 1 << 20;

    private readonly byte[] buffer = new byte[LongestLine + BlockBytes];
    private readonly string path;
    private readonly LineAction take;
    private long offset; // of the buffer's first byte in the file
    private int filled;
    private long number;

    private Utf8Lines(string path, LineAction take) => (this.path, this.take) = (path, take);

    /// <param name="offset">Of the line's first byte in the file.</param>
    /// <param name="number">From 1.</param>
    /// <param name="line">UTF-8, without its end.</param>
    public delegate void LineAction(long offset, long number, ReadOnlySpan<byte> line);

    /// <summary>Hands over each line, which may end in a line feed, with a carriage return before it or without.</summary>
    /// <returns>A digest of the file's bytes: 128 bits in hexadecimal.</returns>
    /// <exception cref="DropoutLabException">The file cannot be read, is not UTF-8, or has a line that is too long.</exception>
    public static string ForEach(string path, LineAction take, CancellationToken cancellation = default)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            return new Utf8Lines(path, take).Read(stream, cancellation);
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw FileFailure.Reading(path, exception);
        }
    }

    /// <summary>An error in a line.</summary>
    public static DropoutLabException Wrong(string path, long number, string what) => new($"{path}, line {number}: {what}");

    private string Read(FileStream stream, CancellationToken cancellation)
    {
        XxHash128 digest = new();
        bool isAtEnd;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            int read = stream.Read(buffer, filled, buffer.Length - filled);
            digest.Append(buffer.AsSpan(filled, read));
            filled += read;
            isAtEnd = read == 0;
            TakeLines(isAtEnd);
        }
        while (!isAtEnd);
        return Convert.ToHexStringLower(digest.GetCurrentHash());
    }

    private void TakeLines(bool isAtEnd)
    {
        ReadOnlySpan<byte> mark = "\uFEFF"u8; // of the byte order, and no text
        int begin = offset == 0 && number == 0 && buffer.AsSpan(0, filled).StartsWith(mark) ? mark.Length : 0;
        while (begin < filled)
        {
            Span<byte> rest = buffer.AsSpan(begin, filled - begin);
            int length = rest.IndexOf((byte)'\n');
            if (length < 0 && rest.Length <= LongestLine + 1 && !isAtEnd)
                break;
            Take(offset + begin, length < 0 ? rest : rest[..length]);
            begin += length < 0 ? rest.Length : length + 1;
        }

        buffer.AsSpan(begin, filled - begin).CopyTo(buffer);
        (offset, filled) = (offset + begin, filled - begin);
    }

    private void Take(long at, ReadOnlySpan<byte> line)
    {
        number++;
        line = line.EndsWith((byte)'\r') ? line[..^1] : line;
        if (line.Length > LongestLine)
            throw Wrong(path, number, $"it is longer than {LongestLine} bytes, which no line may be");
        if (!Utf8.IsValid(line) || line.Contains((byte)0)) // a NUL is of UTF-16, or of no text
            throw Wrong(path, number, "it is not UTF-8: save the file in that encoding");
        take(at, number, line);
    }
}
