namespace DropoutLab.Data;

/// <summary>
/// Means and standard deviations of the pixels of a set of images, in units of 0 to 255. All sums are exact in integers, so the
/// result depends on nothing but the images.
/// </summary>
public sealed class PixelStatistics
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
        (long[] sums, long[] squares) = Sum(images);
        float[] meanImage = Array.ConvertAll(sums, sum => (float)((double)sum / images.Count));

        long[] channelSums = SumByChannel(sums, images.Channels);
        long[] channelSquares = SumByChannel(squares, images.Channels);
        long count = (long)images.Count * images.Height * images.Width;
        float[] means = Array.ConvertAll(channelSums, sum => (float)((double)sum / count));
        float[] deviations = [.. channelSums.Zip(channelSquares, (sum, square) => StandardDeviation(count, sum, square))];
        return new PixelStatistics(meanImage, means, deviations);
    }

    /// <summary>Sums and sums of squares over the images, for each pixel and channel.</summary>
    private static (long[] Sums, long[] Squares) Sum(ImageSet images)
    {
        const int Strip = 512;
        long[] sums = new long[images.ImageSize];
        long[] squares = new long[images.ImageSize];
        Parallel.For(0, (images.ImageSize + Strip - 1) / Strip, strip =>
        {
            int first = strip * Strip;
            int length = Math.Min(Strip, images.ImageSize - first);
            for (int image = 0; image < images.Count; image++)
                Add(images.Image(image).Slice(first, length), sums.AsSpan(first, length), squares.AsSpan(first, length));
        });
        return (sums, squares);
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

    private static long[] SumByChannel(long[] values, int channels)
    {
        long[] sums = new long[channels];
        for (int i = 0; i < values.Length; i++)
            sums[i % channels] += values[i];
        return sums;
    }

    // n² Var = n Σx² − (Σx)², exact: both terms outgrow 64 bits.
    private static float StandardDeviation(long count, long sum, long square) =>
        (float)(Math.Sqrt((double)(((Int128)count * square) - ((Int128)sum * sum))) / count);
}
