using System.Numerics;

namespace DropoutLab.Data.Images;

/// <summary>
/// Means and standard deviations of the pixels of a set of images, of bytes in units of 0 to 255. The sums of bytes are exact in
/// integers, and those of numbers are added in the order of the images, so the result depends on nothing but these.
/// </summary>
internal sealed class PixelStatistics
{
    private PixelStatistics(float[] meanImage, float[] channelMeans, float[] channelStandardDeviations)
    {
        MeanImage = meanImage;
        ChannelMeans = channelMeans;
        ChannelStandardDeviations = channelStandardDeviations;
    }

    /// <summary>The mean over the images of each pixel and channel: height × width × channels.</summary>
    public ReadOnlyMemory<float> MeanImage { get; }

    /// <summary>The mean of each channel over images and pixels.</summary>
    public ReadOnlyMemory<float> ChannelMeans { get; }

    /// <summary>The standard deviation of each channel over images and pixels: √(E[x²] − E[x]²).</summary>
    public ReadOnlyMemory<float> ChannelStandardDeviations { get; }

    /// <summary>The statistics of <paramref name="images"/>.</summary>
    /// <exception cref="ArgumentException">There are no images.</exception>
    public static PixelStatistics Of(ImageSet images)
    {
        if (images.Count == 0)
            throw new ArgumentException("a set without images has no mean", nameof(images));
        return images.HasBytes ? OfBytes(images) : OfNumbers(images);
    }

    private static PixelStatistics OfBytes(ImageSet images)
    {
        long[] sums = new long[images.ImageSize], squares = new long[images.ImageSize];
        ForEachImage(images, (image, first, length) =>
            Add(images.Image(image).Slice(first, length), sums.AsSpan(first, length), squares.AsSpan(first, length)));
        float[] meanImage = Array.ConvertAll(sums, sum => (float)((double)sum / images.Count));

        long[] channelSums = SumByChannel(sums, images.Channels);
        long[] channelSquares = SumByChannel(squares, images.Channels);
        long count = (long)images.Count * images.Height * images.Width;
        float[] means = Array.ConvertAll(channelSums, sum => (float)((double)sum / count));
        float[] deviations = [.. channelSums.Zip(channelSquares, (sum, square) => StandardDeviation(count, sum, square))];
        return new PixelStatistics(meanImage, means, deviations);
    }

    /// <summary>
    /// Sums are of the differences d from each channel's first number c: E[x] = c + E[d], and E[d²] − E[d]² loses few digits, and
    /// is exactly 0 where all numbers are the same.
    /// </summary>
    private static PixelStatistics OfNumbers(ImageSet images)
    {
        int channels = images.Channels;
        float[] origins = images.ImageValues(0)[..channels].ToArray();
        double[] sums = new double[images.ImageSize], squares = new double[images.ImageSize];
        ForEachImage(images, (image, first, length) =>
        {
            ReadOnlySpan<float> values = images.ImageValues(image);
            for (int i = first; i < first + length; i++)
            {
                double difference = (double)values[i] - origins[i % channels];
                sums[i] += difference;
                squares[i] += difference * difference;
            }
        });

        double count = (double)images.Count * images.Height * images.Width;
        double[] means = Array.ConvertAll(SumByChannel(sums, channels), sum => sum / count);
        double[] meanSquares = Array.ConvertAll(SumByChannel(squares, channels), square => square / count);
        return new PixelStatistics(
            [.. sums.Select((sum, i) => (float)(origins[i % channels] + sum / images.Count))],
            [.. means.Select((mean, channel) => (float)(origins[channel] + mean))],
            [.. means.Zip(meanSquares, (mean, square) => (float)Math.Sqrt(Math.Max(square - mean * mean, 0)))]);
    }

    /// <summary>Goes through the images in order, with each strip of their pixels by itself.</summary>
    /// <param name="images">The images.</param>
    /// <param name="add">Takes an image's number, and the beginning and length of the strip.</param>
    private static void ForEachImage(ImageSet images, Action<int, int, int> add)
    {
        const int Strip = 512;
        Parallel.For(0, (images.ImageSize + Strip - 1) / Strip, strip =>
        {
            int first = strip * Strip;
            int length = Math.Min(Strip, images.ImageSize - first);
            for (int image = 0; image < images.Count; image++)
                add(image, first, length);
        });
    }

    private static void Add(ReadOnlySpan<byte> pixels, Span<long> sums, Span<long> squares)
    {
        for (int i = 0; i < pixels.Length; i++)
        {
            int value = pixels[i];
            sums[i] += value;
            squares[i] += value * value;
        }
    }

    private static T[] SumByChannel<T>(T[] values, int channels)
        where T : INumberBase<T>
    {
        T[] sums = new T[channels];
        for (int i = 0; i < values.Length; i++)
            sums[i % channels] += values[i];
        return sums;
    }

    // n² Var = n Σx² − (Σx)², exact: both terms outgrow 64 bits.
    private static float StandardDeviation(long count, long sum, long square) =>
        (float)(Math.Sqrt((double)(((Int128)count * square) - ((Int128)sum * sum))) / count);
}
