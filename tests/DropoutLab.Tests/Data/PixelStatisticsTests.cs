using DropoutLab.Data;

namespace DropoutLab.Tests.Data;

public sealed class PixelStatisticsTests
{
    [Fact]
    public void TwoImagesByHand()
    {
        ImageSet images = new ImageSet(height: 1, width: 2, channels: 2, new byte[] { 0, 10, 4, 20, 2, 255, 6, 255 }, new byte[2]);

        PixelStatistics statistics = PixelStatistics.Of(images);

        Assert.Equal([1f, 132.5f, 5f, 137.5f], statistics.MeanImage.ToArray());
        Assert.Equal([3f, 135f], statistics.ChannelMeans.ToArray());
        // Channel 0: ((0−3)² + (4−3)² + (2−3)² + (6−3)²) / 4 = 5.  Channel 1: (125² + 115² + 120² + 120²) / 4 = 14412.5.
        Assert.Equal([(float)Math.Sqrt(5), (float)Math.Sqrt(14412.5)], statistics.ChannelStandardDeviations.ToArray());
    }

    [Fact]
    public void ManyImagesEqualTheNaiveSums()
    {
        const int Count = 301, Height = 13, Width = 17, Channels = 3, Size = Height * Width * Channels;
        byte[] pixels = new byte[Count * Size];
        new System.Random(1).NextBytes(pixels);

        PixelStatistics statistics = PixelStatistics.Of(new ImageSet(Height, Width, Channels, pixels, new byte[Count]));

        IEnumerable<float> means =
            from pixel in Enumerable.Range(0, Size)
            select (float)Enumerable.Range(0, Count).Average(image => pixels[(image * Size) + pixel]);
        Assert.Equal(means, statistics.MeanImage.ToArray());
        for (int channel = 0; channel < Channels; channel++)
        {
            double[] values = [.. pixels.Where((_, index) => index % Channels == channel).Select(value => (double)value)];
            double mean = values.Average();
            Assert.Equal(mean, statistics.ChannelMeans.Span[channel], 1e-5);
            double variance = values.Average(value => (value - mean) * (value - mean));
            Assert.Equal(Math.Sqrt(variance), statistics.ChannelStandardDeviations.Span[channel], 1e-5);
        }
    }

    [Fact]
    public void EqualPixelsDeviateByNothing()
    {
        byte[] pixels = new byte[10_000 * 64];
        pixels.AsSpan().Fill(173);

        PixelStatistics statistics = PixelStatistics.Of(new ImageSet(8, 8, 1, pixels, new byte[10_000]));

        Assert.Equal([0f], statistics.ChannelStandardDeviations.ToArray());
        Assert.All(statistics.MeanImage.ToArray(), mean => Assert.Equal(173f, mean));
    }

    [Fact]
    public void NoImagesHaveNoMean() =>
        Assert.Throws<ArgumentException>(() => PixelStatistics.Of(new ImageSet(1, 1, 1, new byte[0], new byte[0])));
}
