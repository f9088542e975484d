using DropoutLab.Storage;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace DropoutLab.Data.Images;

/// <summary>
/// Pictures from PNG and JPEG files: turned as their camera was held, their shorter side brought to the size asked for (bilinear,
/// averaged where it shrinks), the middle cut out, transparency left out, grey by ITU-R BT.709 where one channel is asked for. A
/// picture of the size asked for stays as it is.
/// </summary>
public static class Pictures
{
    private static readonly Configuration Formats = new(new PngConfigurationModule(), new JpegConfigurationModule());

    /// <summary>Whether a file's name is that of a picture.</summary>
    public static bool IsPicture(string path) =>
        Path.GetExtension(path).ToLowerInvariant() is ".png" or ".jpg" or ".jpeg";

    /// <summary>Reads pictures, all labelled 0.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="height">Of what they become.</param>
    /// <param name="width">Of what they become.</param>
    /// <param name="channels">3, or 1 for grey.</param>
    /// <param name="margin">Black pixels on every side, part of height and width.</param>
    /// <exception cref="DropoutLabException">A file cannot be read, is damaged, or is no such picture.</exception>
    public static ImageSet Read(IReadOnlyList<string> paths, int height, int width, int channels, int margin = 0) =>
        new(height, width, channels, Pixels(paths, height, width, channels, margin, default), new byte[paths.Count]);

    internal static byte[] Pixels(
        IReadOnlyList<string> paths, int height, int width, int channels, int margin, CancellationToken cancellation)
    {
        int size = checked(height * width * channels);
        if ((long)size * paths.Count > Array.MaxLength)
            throw new DropoutLabException(
                $"{paths.Count} pictures of {height}×{width} take more than 2 GB: choose a smaller size", SettingName.ImageSize,
                height);
        byte[] pixels = new byte[size * paths.Count];
        ParallelReading.For(paths.Count, index =>
        {
            cancellation.ThrowIfCancellationRequested();
            Read(paths[index], height, width, channels, margin, pixels.AsSpan(index * size, size));
        });
        return pixels;
    }

    private static void Read(string path, int height, int width, int channels, int margin, Span<byte> pixels)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (channels == 1)
                Read<L8>(stream, height, width, margin, pixels);
            else
                Read<Rgb24>(stream, height, width, margin, pixels);
        }
        catch (Exception exception) when (exception is ImageFormatException or InvalidImageContentException
            or IndexOutOfRangeException or NotSupportedException)
        {
            throw new DropoutLabException(
                $"{path} is damaged, or no picture in PNG or JPEG: {exception.Message.Split('\n')[0].Trim()}", exception);
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw FileFailure.Reading(path, exception);
        }
    }

    private static void Read<T>(Stream stream, int height, int width, int margin, Span<byte> pixels)
        where T : unmanaged, IPixel<T>
    {
        using Image<T> image = Image.Load<T>(Formats, stream);
        Size inner = new(width - 2 * margin, height - 2 * margin);
        image.Mutate(picture => picture.AutoOrient());
        if (image.Size() != inner)
            image.Mutate(picture => picture.Resize(
                new ResizeOptions { Size = inner, Mode = ResizeMode.Crop, Sampler = KnownResamplers.Triangle }));
        if (margin > 0)
            image.Mutate(picture => picture.Pad(width, height, Color.Black));
        image.CopyPixelDataTo(pixels);
    }
}
