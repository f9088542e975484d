namespace DropoutLab.Data;

/// <summary>Labelled images of one size, as bytes: 0 to 255 a pixel and channel.</summary>
public sealed class ImageSet
{
    /// <param name="height">Rows of an image.</param>
    /// <param name="width">Columns of an image.</param>
    /// <param name="channels">Channels of a pixel.</param>
    /// <param name="pixels">Count × height × width × channels bytes, in this order (NHWC).</param>
    /// <param name="labels">The class of each image, counted from 0.</param>
    /// <exception cref="ArgumentException">An extent is not positive, or pixels and labels do not belong together.</exception>
    public ImageSet(int height, int width, int channels, ReadOnlyMemory<byte> pixels, ReadOnlyMemory<byte> labels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        ImageSize = checked(height * width * channels);
        if (pixels.Length != (long)labels.Length * ImageSize)
            throw new ArgumentException(
                $"{pixels.Length} pixel bytes are not {labels.Length} images of {height}x{width}x{channels}");
        Height = height;
        Width = width;
        Channels = channels;
        Pixels = pixels;
        Labels = labels;
    }

    /// <summary>Number of images.</summary>
    public int Count => Labels.Length;

    /// <summary>Rows of an image.</summary>
    public int Height { get; }

    /// <summary>Columns of an image.</summary>
    public int Width { get; }

    /// <summary>Channels of a pixel.</summary>
    public int Channels { get; }

    /// <summary>Bytes of an image: height × width × channels.</summary>
    public int ImageSize { get; }

    /// <summary>All images, NHWC: count × height × width × channels bytes.</summary>
    public ReadOnlyMemory<byte> Pixels { get; }

    /// <summary>The class of each image, counted from 0.</summary>
    public ReadOnlyMemory<byte> Labels { get; }

    /// <summary>The image at <paramref name="index"/>: height × width × channels bytes.</summary>
    public ReadOnlySpan<byte> Image(int index) => Pixels.Span.Slice(index * ImageSize, ImageSize);
}
