using System.IO.Compression;

namespace DropoutLab.Data.Matlab;

/// <summary>An array's place in a file.</summary>
/// <param name="Position">Of its first byte: the tag's, or the compressed bytes'.</param>
/// <param name="Length">Its bytes in the file, with the tag where it is not compressed.</param>
/// <param name="IsCompressed">Whether what lies there is a ZLIB stream of the array with its tag.</param>
internal readonly record struct MatlabElement(long Position, long Length, bool IsCompressed)
{
    /// <summary>
    /// The arrays from <paramref name="position"/> on, one after the other; none of them reaches over the file's end.
    /// </summary>
    public static IEnumerable<MatlabElement> In(FileStream file, long position)
    {
        while (position < file.Length)
        {
            long left = file.Length - position - MatlabTag.FullLength;
            if (left < 0)
                throw MatlabFormatException.Damaged($"it ends within the tag at byte {position}");
            file.Position = position;
            MatlabTag tag = MatlabTag.ReadOutermost(file);
            if (tag.Type is not (MatlabDataType.Matrix or MatlabDataType.Compressed))
                throw MatlabFormatException.Damaged($"what begins at byte {position} is no array (type {(uint)tag.Type})");
            if (tag.Length > left)
                throw MatlabFormatException.Damaged(
                    $"the array at byte {position} promises {tag.Length} bytes, the file has {left} left for it");
            yield return tag.Type == MatlabDataType.Compressed
                ? new MatlabElement(position + MatlabTag.FullLength, tag.Length, IsCompressed: true)
                : new MatlabElement(position, MatlabTag.FullLength + tag.Length, IsCompressed: false);
            position += MatlabTag.FullLength + tag.Length;
        }
    }

    /// <summary>The array with its tag, expanded. The file stays open.</summary>
    public Stream Open(FileStream file)
    {
        file.Position = Position;
        StreamPart bytes = new StreamPart(file, Length);
        return IsCompressed ? new ZLibStream(bytes, CompressionMode.Decompress) : bytes;
    }

    /// <summary>Reads the tag of what <see cref="Open"/> opened, and returns what is behind it.</summary>
    public StreamPart Enter(Stream opened)
    {
        MatlabTag tag = MatlabTag.ReadOutermost(opened);
        if (tag.Type != MatlabDataType.Matrix)
            throw MatlabFormatException.Damaged($"what is compressed at byte {Position} is no array (type {(uint)tag.Type})");
        return !IsCompressed || Deflate.CanHold(Length, tag.Length)
            ? new StreamPart(opened, tag.Length)
            : throw MatlabFormatException.Damaged(
                $"the array at byte {Position} promises {tag.Length} bytes, its {Length} compressed ones cannot hold them");
    }
}
