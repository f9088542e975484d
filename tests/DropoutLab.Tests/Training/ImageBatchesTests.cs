using DropoutLab.Backends;
using DropoutLab.Backends.Threading;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Objectives;

namespace DropoutLab.Tests.Training;

/// <summary>The loader's vectors against a plain loop over the definition, to the bit.</summary>
public sealed class ImageBatchesTests
{
    private static readonly ImageWindow[] AllWindows =
    [
        .. from top in Enumerable.Range(-4, 9) from left in Enumerable.Range(-4, 9) from mirrored in new[] { false, true }
           select new ImageWindow(top, left, mirrored),
    ];

    public static TheoryData<int, int, int, PixelScaling> Images => new()
    {
        { 32, 32, 3, PixelScaling.PerChannel },
        { 32, 32, 3, PixelScaling.MeanImage },
        { 28, 28, 1, PixelScaling.MeanImage },
        { 13, 11, 3, PixelScaling.MeanImage },
        { 5, 17, 4, PixelScaling.PerChannel },
        { 4, 3, 2, PixelScaling.MeanImage },
        { 1, 1, 3, PixelScaling.MeanImage },
        { 7, 6, 17, PixelScaling.MeanImage },
        { 40, 37, 5, PixelScaling.MeanImage },
    };

    [Theory]
    [MemberData(nameof(Images))]
    public void EveryWindowIsTheDefinition(int height, int width, int channels, PixelScaling scaling)
    {
        ImageSet images = MadeUp(height, width, channels, AllWindows.Length);
        AssertEveryWindowIsTheDefinition(images, scaling);
        AssertEveryWindowIsTheDefinition(AsNumbers(images), scaling);
    }

    [Fact]
    public void NumbersThatBytesHoldAreLoadedAsThoseBytes()
    {
        ImageSet images = MadeUp(5, 7, 3, 4);
        PixelTransform transform = PixelTransform.Fit(PixelScaling.PerChannel, images);
        ImageSet numbers = new(5, 7, 3, Array.ConvertAll(images.Pixels.ToArray(), pixel => (float)pixel), images.Labels);
        double[] expected = new double[images.ImageSize], input = new double[images.ImageSize];
        transform.Apply(images.Image(3), expected);
        transform.Apply(numbers.ImageValues(3), input);

        Assert.Equal(expected, input);
        Assert.Equal(
            Loaded(images, transform, Precision.Float32, threads: 1, windows: null, [3, 1]).Pixels,
            Loaded(numbers, transform, Precision.Float32, threads: 1, windows: null, [3, 1]).Pixels);
    }

    [Fact]
    public void UnscaledPixelsAreAsTheyAre()
    {
        ImageSet images = AsNumbers(MadeUp(3, 2, 2, 2));
        (double[] pixels, _) = Loaded(
            images, PixelTransform.Fit(PixelScaling.None, images), Precision.Float64, threads: 1, windows: null, [0, 1]);

        Assert.Equal(images.Values.ToArray().Select(value => (double)value), pixels);
    }

    private static void AssertEveryWindowIsTheDefinition(ImageSet images, PixelScaling scaling)
    {
        PixelTransform transform = PixelTransform.Fit(scaling, images);
        int[] numbers = [.. Enumerable.Range(0, images.Count).Reverse()];
        foreach (Precision format in new[] { Precision.Float32, Precision.BFloat16, Precision.Float64 })
        {
            foreach (int threads in new[] { 1, 3 })
            {
                (double[] pixels, int[] labels) = Loaded(
                    images, transform, format, threads, number => AllWindows[number], numbers);
                for (int place = 0; place < numbers.Length; place++)
                {
                    double[] expected = Naive(images, transform, format, numbers[place], AllWindows[numbers[place]]);
                    Assert.Equal(expected, pixels[(place * images.ImageSize)..((place + 1) * images.ImageSize)]);
                    Assert.Equal(images.Labels.Span[numbers[place]], labels[place]);
                }
            }
        }
    }

    [Fact]
    public void WithoutWindowsImagesAreAsTheyAre()
    {
        ImageSet images = MadeUp(9, 7, 3, 4);
        PixelTransform transform = PixelTransform.Fit(PixelScaling.MeanImage, images);

        (double[] pixels, _) = Loaded(images, transform, Precision.Float32, threads: 2, windows: null, [2, 0]);

        Assert.Equal(
            [.. Naive(images, transform, Precision.Float32, 2, default),
                .. Naive(images, transform, Precision.Float32, 0, default)], pixels);
    }

    /// <summary>
    /// input(y, x) = I(y + top, x + left), or 0; I the image or its mirror image, each pixel normalised with its own mean.
    /// </summary>
    private static double[] Naive(ImageSet images, PixelTransform transform, Precision format, int number, ImageWindow window)
    {
        double[] input = new double[images.ImageSize];
        for (int y = 0; y < images.Height; y++)
        {
            for (int x = 0; x < images.Width; x++)
            {
                for (int channel = 0; channel < images.Channels; channel++)
                {
                    int row = y + window.Top, column = x + window.Left;
                    if (row < 0 || row >= images.Height || column < 0 || column >= images.Width)
                        continue;
                    int from = (row * images.Width + (window.IsMirrored ? images.Width - 1 - column : column)) * images.Channels
                        + channel;
                    input[(y * images.Width + x) * images.Channels + channel] =
                        Normalised(Pixel(images, number, from), transform.Means.Span[from], transform.Factors.Span[from], format);
                }
            }
        }

        return input;
    }

    private static float Pixel(ImageSet images, int number, int from) =>
        images.HasBytes ? images.Image(number)[from] : images.ImageValues(number)[from];

    private static double Normalised(float pixel, float mean, float factor, Precision format) => format switch
    {
        Precision.Float32 => (pixel - mean) * factor,
        Precision.BFloat16 => BFloat16.ToSingle(BFloat16.FromSingle((pixel - mean) * factor)),
        _ => (pixel - (double)mean) * factor,
    };

    private static (double[] Pixels, int[] Labels) Loaded(
        ImageSet images, PixelTransform transform, Precision precision, int threads, Func<int, ImageWindow>? windows,
        int[] numbers)
    {
        ImageBatches source = new("made-up", images, transform);
        using ManagedThreadTeam team = new(threads);
        using HostBatch batch = new(source.Inputs, numbers.Length, precision, team);
        PlanInput input = batch.Inputs[Network.InputName];
        float[] before = [.. Enumerable.Repeat(99f, images.ImageSize)];
        for (int place = 0; place < numbers.Length; place++)
            input.Write(place, before);
        source.Fill(batch.Inputs, numbers, draws: null);
        if (windows is not null)
        {
            ImageWriter writer = new(images, transform);
            for (int place = 0; place < numbers.Length; place++)
                Write(writer, images, numbers[place], windows(numbers[place]), input, place);
        }

        return (batch.Read(Network.InputName), Array.ConvertAll(batch.Read(CrossEntropy.Labels), label => (int)label));
    }

    private static void Write(ImageWriter writer, ImageSet images, int number, ImageWindow window, PlanInput input, int place)
    {
        if (images.HasBytes)
            writer.Write(images.Image(number), window, input, place, new byte[images.ImageSize]);
        else
            writer.Write(images.ImageValues(number), window, input, place, new float[images.ImageSize]);
    }

    /// <summary>Numbers that are no bytes, in the place of an image's bytes.</summary>
    private static ImageSet AsNumbers(ImageSet images) => new(
        images.Height, images.Width, images.Channels, Array.ConvertAll(images.Pixels.ToArray(), pixel => pixel / 7f - 19.3f),
        images.Labels);

    private static ImageSet MadeUp(int height, int width, int channels, int count)
    {
        System.Random random = new(5);
        byte[] pixels = new byte[count * height * width * channels], labels = new byte[count];
        random.NextBytes(pixels);
        random.NextBytes(labels);
        return new ImageSet(height, width, channels, pixels, labels);
    }
}
