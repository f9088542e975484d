using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DropoutLab.Data.Images;

/// <summary>Mirrors images [height, width, channels] left to right: the order of a row's pixels is turned round.</summary>
internal sealed class PixelMirror
{
    private readonly int rowLength;
    private readonly int channels;
    private readonly int vectorBytes;
    private readonly Vector128<byte> order;

    public PixelMirror(int width, int channels)
    {
        (rowLength, this.channels) = (width * channels, channels);
        vectorBytes = Vector128<byte>.Count / channels * channels;
        Span<byte> indices = stackalloc byte[Vector128<byte>.Count];
        indices.Fill(byte.MaxValue);
        for (int i = 0; i < vectorBytes; i++)
            indices[i] = (byte)(vectorBytes - channels - i / channels * channels + i % channels);
        order = Vector128.Create<byte>(indices);
    }

    /// <summary>Writes the mirror image of one image.</summary>
    public void Mirror<T>(ReadOnlySpan<T> image, Span<T> mirrored)
        where T : unmanaged
    {
        for (int row = 0; row < image.Length; row += rowLength)
        {
            if (typeof(T) == typeof(byte))
                MirrorRow(MemoryMarshal.AsBytes(image), MemoryMarshal.AsBytes(mirrored), row);
            else
                MirrorPixels(image, mirrored, row, to: row, from: row + rowLength);
        }
    }

    /// <summary>
    /// From the left, a vector of whole pixels at a time. What a vector has too much, of the row before or of no use, comes to
    /// lie right of its pixels, where the next store replaces it. Pixel by pixel where a vector would reach beyond the image.
    /// </summary>
    private void MirrorRow(ReadOnlySpan<byte> image, Span<byte> mirrored, int row)
    {
        int to = row, from = row + rowLength;
        while (vectorBytes > 0 && from > row && from >= vectorBytes
            && Math.Max(from - vectorBytes, to) + Vector128<byte>.Count <= image.Length)
        {
            from -= vectorBytes;
            Vector128<byte> pixels = Vector128.LoadUnsafe(in MemoryMarshal.GetReference(image), (nuint)from);
            Vector128.Shuffle(pixels, order).StoreUnsafe(ref MemoryMarshal.GetReference(mirrored), (nuint)to);
            to += vectorBytes;
        }

        MirrorPixels(image, mirrored, row, to, from);
    }

    /// <summary>
    /// Pixel by pixel: those of a row up to <paramref name="from"/> go, the last first, to <paramref name="to"/> and behind.
    /// </summary>
    private void MirrorPixels<T>(ReadOnlySpan<T> image, Span<T> mirrored, int row, int to, int from)
    {
        for (; from > row; from -= channels, to += channels)
            image.Slice(from - channels, channels).CopyTo(mirrored[to..]);
    }
}
