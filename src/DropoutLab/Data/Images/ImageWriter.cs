using System.Numerics;
using DropoutLab.Backends;
using DropoutLab.Data;

namespace DropoutLab.Data.Images;

/// <summary>
/// Writes images into a network's input in one pass: the window that is seen of each, normalised and converted. A pixel is
/// normalised with the mean and the factor of its own place in the image, wherever it is seen.
/// </summary>
internal sealed unsafe class ImageWriter
{
    private const int RoundedAtOnce = 512;

    private readonly int height, width, channels;
    private readonly PixelMirror mirror;
    private readonly PixelTransform upright, mirrored;

    public ImageWriter(ImageSet images, PixelTransform transform)
    {
        (height, width, channels) = (images.Height, images.Width, images.Channels);
        mirror = new PixelMirror(width, channels);
        (upright, mirrored) = (transform, transform.Mirrored(mirror));
    }

    /// <param name="image">Height × width × channels bytes or numbers.</param>
    /// <param name="window">What is seen of it.</param>
    /// <param name="input">The network's input.</param>
    /// <param name="place">The image's place in the batch.</param>
    /// <param name="scratch">Room for an image, used by no other thread meanwhile.</param>
    public void Write<T>(ReadOnlySpan<T> image, ImageWindow window, PlanInput input, int place, Span<T> scratch)
        where T : unmanaged, INumberBase<T>
    {
        PixelTransform transform = upright;
        if (window.IsMirrored)
        {
            mirror.Mirror(image, scratch);
            image = scratch;
            transform = mirrored;
        }

        (int begin, int end, int first) = Inside(window);
        switch (input.Format)
        {
            case ElementFormat.Float32:
                Span<float> floats = input.Row<float>(place);
                transform.Scale(image, first, floats[begin..end]);
                ClearOutside(window, begin, end, floats);
                break;
            case ElementFormat.BFloat16:
                Span<ushort> halves = input.Row<ushort>(place);
                Round(transform, image, first, halves[begin..end]);
                ClearOutside(window, begin, end, halves);
                break;
            case ElementFormat.Float64:
                Span<double> doubles = input.Row<double>(place);
                transform.Scale(image, first, doubles[begin..end]);
                ClearOutside(window, begin, end, doubles);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(input), input.Format, "not a format of activations");
        }
    }

    private static void Round<T>(PixelTransform transform, ReadOnlySpan<T> image, int first, Span<ushort> input)
        where T : unmanaged, INumberBase<T>
    {
        float* part = stackalloc float[RoundedAtOnce];
        fixed (ushort* to = input)
        {
            for (int i = 0; i < input.Length; i += RoundedAtOnce)
            {
                int count = Math.Min(RoundedAtOnce, input.Length - i);
                transform.Scale(image, first + i, new Span<float>(part, count));
                BFloat16.Narrow(part, to + i, count);
            }
        }
    }

    /// <summary>
    /// The window's elements from the first inside the image to after the last, and the number of the image's element that the
    /// first is. In between, rows of the window and of the image go on in step: it is one run of elements, in which what wraps
    /// round at the ends of rows is to be cleared.
    /// </summary>
    private (int Begin, int End, int First) Inside(ImageWindow window)
    {
        (int top, int bottom) = (Math.Max(0, -window.Top), Math.Min(height, height - window.Top));
        (int left, int right) = (Math.Max(0, -window.Left), Math.Min(width, width - window.Left));
        if (top >= bottom || left >= right)
            return (0, 0, 0);
        int begin = (top * width + left) * channels;
        return (begin, ((bottom - 1) * width + right) * channels, begin + (window.Top * width + window.Left) * channels);
    }

    private void ClearOutside<T>(ImageWindow window, int begin, int end, Span<T> input)
    {
        input[..begin].Clear();
        input[end..].Clear();
        int outside = Math.Abs(window.Left) * channels, rowLength = width * channels;
        if (outside == 0 || begin == end)
            return;
        for (int i = begin + rowLength - outside; i < end; i += rowLength)
            input.Slice(i, outside).Clear();
    }
}
