namespace DropoutLab.Data.Images;

/// <summary>
/// Labelled images of one size: bytes, 0 to 255 a pixel and channel, or numbers of any range. A table's rows are images of one
/// pixel with a channel for each column.
/// </summary>
public sealed class ImageSet
{
    private readonly Lazy<ImageDigest> digest;

    /// <summary>Images of bytes.</summary>
    /// <param name="height">Rows of an image.</param>
    /// <param name="width">Columns of an image.</param>
    /// <param name="channels">Channels of a pixel.</param>
    /// <param name="pixels">Count × height × width × channels bytes, in this order (NHWC).</param>
    /// <param name="labels">The class of each image, counted from 0.</param>
    /// <exception cref="ArgumentException">An extent is not positive, or pixels and labels do not belong together.</exception>
    public ImageSet(int height, int width, int channels, ReadOnlyMemory<byte> pixels, ReadOnlyMemory<byte> labels)
        : this(height, width, channels, pixels.Length, "pixel bytes", labels) => Pixels = pixels;

    /// <summary>Images of numbers.</summary>
    /// <param name="height">Rows of an image.</param>
    /// <param name="width">Columns of an image.</param>
    /// <param name="channels">Channels of a pixel.</param>
    /// <param name="values">Count × height × width × channels finite numbers, in this order (NHWC).</param>
    /// <param name="labels">The class of each image, counted from 0.</param>
    /// <exception cref="ArgumentException">
    /// An extent is not positive, values and labels do not belong together, or a value is no finite number.
    /// </exception>
    public ImageSet(int height, int width, int channels, ReadOnlyMemory<float> values, ReadOnlyMemory<byte> labels)
        : this(height, width, channels, values.Length, "values", labels)
    {
        ReadOnlySpan<float> all = values.Span;
        for (int i = 0; i < all.Length; i++)
        {
            if (!float.IsFinite(all[i]))
                throw new ArgumentException(
                    $"value {i % ImageSize} of image {i / ImageSize}, both from 0, is {all[i]}: only finite numbers can be "
                        + "trained on");
        }

        (Values, HasBytes) = (values, false);
    }

    private ImageSet(int height, int width, int channels, int length, string what, ReadOnlyMemory<byte> labels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        ImageSize = checked(height * width * channels);
        if (length != (long)labels.Length * ImageSize)
            throw new ArgumentException($"{length} {what} are not {labels.Length} images of {height}x{width}x{channels}");
        (Height, Width, Channels, Labels) = (height, width, channels, labels);
        digest = new Lazy<ImageDigest>(() => ImageDigest.Of(this));
    }

    /// <summary>Number of images.</summary>
    public int Count => Labels.Length;

    /// <summary>Rows of an image.</summary>
    public int Height { get; }

    /// <summary>Columns of an image.</summary>
    public int Width { get; }

    /// <summary>Channels of a pixel.</summary>
    public int Channels { get; }

    /// <summary>Bytes or numbers of an image: height × width × channels.</summary>
    public int ImageSize { get; }

    /// <summary>Whether the images are <see cref="Pixels"/>; else they are <see cref="Values"/>.</summary>
    public bool HasBytes { get; } = true;

    /// <summary>All images, NHWC: count × height × width × channels bytes. Empty where they are numbers.</summary>
    public ReadOnlyMemory<byte> Pixels { get; }

    /// <summary>All images, NHWC: count × height × width × channels numbers. Empty where they are bytes.</summary>
    public ReadOnlyMemory<float> Values { get; }

    /// <summary>The class of each image, counted from 0.</summary>
    public ReadOnlyMemory<byte> Labels { get; }

    /// <summary>
    /// 128 bits in hexadecimal, another wherever a number, a label or the order of the images is; computed when first asked for,
    /// of what the memory then holds.
    /// </summary>
    public string Digest => digest.Value.InOrder;

    /// <summary>The same whatever the order of the images is.</summary>
    internal string DigestInAnyOrder => digest.Value.InAnyOrder;

    /// <summary>
    /// The rows of a table, [N, columns], as images of one pixel. A network takes them as <c>new ImageShape(1, 1, columns)</c>.
    /// </summary>
    /// <param name="columns">How many there are.</param>
    /// <param name="values">Row after row.</param>
    /// <param name="labels">The class of each row, counted from 0.</param>
    /// <exception cref="ArgumentException">
    /// There is no column, values and labels do not belong together, or a value is no finite number.
    /// </exception>
    public static ImageSet OfTable(int columns, ReadOnlyMemory<float> values, ReadOnlyMemory<byte> labels) =>
        new(1, 1, columns, values, labels);

    /// <summary>The image at <paramref name="index"/>, of a set of bytes: height × width × channels of them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image, or they are numbers.</exception>
    public ReadOnlySpan<byte> Image(int index) => Pixels.Span.Slice(index * ImageSize, ImageSize);

    /// <summary>The image at <paramref name="index"/>, of a set of numbers: height × width × channels of them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image, or they are bytes.</exception>
    public ReadOnlySpan<float> ImageValues(int index) => Values.Span.Slice(index * ImageSize, ImageSize);

    /// <summary>Some of the images.</summary>
    internal ImageSet Take(ReadOnlySpan<int> numbers)
    {
        byte[] labels = HeldOut.Rows(Labels, 1, numbers);
        return HasBytes
            ? new ImageSet(Height, Width, Channels, HeldOut.Rows(Pixels, ImageSize, numbers), labels)
            : new ImageSet(Height, Width, Channels, HeldOut.Rows(Values, ImageSize, numbers), labels);
    }
}
