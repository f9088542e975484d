using System.Buffers;
using System.Collections;
using System.Text;
using DropoutLab.Storage;
using Microsoft.Win32.SafeHandles;

namespace DropoutLab.Data.Text;

/// <summary>
/// Sentences of a text file in UTF-8, one a line; empty lines are none. The file is read and checked once; what is kept is where
/// each sentence begins, in 8 bytes, and sentences are read when they are asked for. Threads may read at once.
/// </summary>
public sealed class SentenceFile : IReadOnlyList<string>, IDisposable
{
    private const int BlockLines = 1 << 16;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<long[]> starts = [];
    private readonly SafeFileHandle file;
    private readonly long length;

    /// <summary>Reads through the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Ends it between two blocks.</param>
    /// <exception cref="DropoutLabException">
    /// The file cannot be read, has no sentence, is not UTF-8, or has a line of more than 1 MB or more sentences than 2³¹ − 1.
    /// </exception>
    public SentenceFile(string path, CancellationToken cancellation = default)
    {
        Path = path;
        Digest = Utf8Lines.ForEach(path, Add, cancellation);
        if (Count == 0)
            throw new DropoutLabException($"{path} has no sentence: one on each line is needed");
        try
        {
            file = File.OpenHandle(path);
            length = RandomAccess.GetLength(file);
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw FileFailure.Reading(path, exception);
        }
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Tells the file's bytes from others: 128 bits in hexadecimal.</summary>
    public string Digest { get; }

    /// <summary>How many sentences there are.</summary>
    public int Count { get; private set; }

    /// <summary>A sentence, without its line's end.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none of this number.</exception>
    /// <exception cref="DropoutLabException">The file cannot be read any more, or was changed.</exception>
    public string this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            long start = StartOf(index), next = index + 1 < Count ? StartOf(index + 1) : length;
            byte[] bytes = ArrayPool<byte>.Shared.Rent((int)Math.Min(next - start, Utf8Lines.LongestLine + 2));
            try
            {
                return Read(start, bytes.AsSpan(0, (int)Math.Min(next - start, bytes.Length)));
            }
            catch (Exception exception) when (FileFailure.Is(exception))
            {
                throw FileFailure.Reading(Path, exception);
            }
            catch (DecoderFallbackException exception)
            {
                throw new DropoutLabException($"{Path} was changed while it was used: keep it as it is until the end", exception);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(bytes);
            }
        }
    }

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => Enumerable.Range(0, Count).Select(index => this[index]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Closes the file.</summary>
    public void Dispose() => file.Dispose();

    private void Add(long offset, long number, ReadOnlySpan<byte> line)
    {
        if (line.TrimStart(" \t"u8).IsEmpty)
            return;
        if (Count == int.MaxValue)
            throw Utf8Lines.Wrong(Path, number, $"{int.MaxValue} sentences are the most that a file may have");
        if (Count % BlockLines == 0)
            starts.Add(new long[BlockLines]);
        starts[Count / BlockLines][Count % BlockLines] = offset;
        Count++;
    }

    private long StartOf(int index) => starts[index / BlockLines][index % BlockLines];

    /// <summary>Up to the next sentence there are the line's end and empty lines.</summary>
    private string Read(long start, Span<byte> bytes)
    {
        int read = 0;
        for (int some = -1; some != 0 && read < bytes.Length; read += some)
            some = RandomAccess.Read(file, bytes[read..], start + read);
        ReadOnlySpan<byte> line = bytes[..read];
        if (line.IndexOf((byte)'\n') is >= 0 and int end)
            line = line[..end];
        return Strict.GetString(line.EndsWith((byte)'\r') ? line[..^1] : line);
    }
}
