using DropoutLab.Data;
using DropoutLab.Data.Images;

namespace DropoutLab.Tests.Data;

public sealed class PixelStatisticsTests
{
    [Fact]
    public void TwoImagesByHand()
    {
        ImageSet images = new ImageSet(
            height: 1, width: 2, channels: 2, new byte[] { 0, 10, 4, 20, 2, 255, 6, 255 }, new byte[2]);

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
    public void NumbersByHand()
    {
        ImageSet images = new(height: 1, width: 2, channels: 2,
            new float[] { -1.5f, 1e6f, 2.5f, 1e6f + 2, 0.5f, 1e6f, 2.5f, 1e6f + 2 }, new byte[2]);

        PixelStatistics statistics = PixelStatistics.Of(images);

        Assert.Equal([-0.5f, 1e6f, 2.5f, 1e6f + 2], statistics.MeanImage.ToArray());
        Assert.Equal([1f, 1e6f + 1], statistics.ChannelMeans.ToArray());
        // Channel 0: (2.5² + 1.5² + 0.5² + 1.5²) / 4 = 2.75.  Channel 1: 1, far from 0.
        Assert.Equal([(float)Math.Sqrt(2.75), 1f], statistics.ChannelStandardDeviations.ToArray());
    }

    [Fact]
    public void ManyNumbersEqualTheNaiveSums()
    {
        const int Count = 50, Size = 9 * 11 * 7;
        System.Random random = new(3);
        float[] values = [.. Enumerable.Range(0, Count * Size).Select(_ => random.NextSingle() * 10 - 3)];

        PixelStatistics statistics = PixelStatistics.Of(new ImageSet(9, 11, 7, values, new byte[Count]));

        for (int place = 0; place < Size; place++)
            Assert.Equal(Enumerable.Range(0, Count).Average(image => (double)values[image * Size + place]),
                statistics.MeanImage.Span[place], 1e-6);
        for (int channel = 0; channel < 7; channel++)
        {
            double[] own = [.. values.Where((_, index) => index % 7 == channel).Select(value => (double)value)];
            Assert.Equal(own.Average(), statistics.ChannelMeans.Span[channel], 1e-6);
            Assert.Equal(Math.Sqrt(own.Average(value => Math.Pow(value - own.Average(), 2))),
                statistics.ChannelStandardDeviations.Span[channel], 1e-6);
        }
    }

    /// <summary>A sum of many tenths is not as many times a tenth.</summary>
    [Fact]
    public void EqualNumbersDeviateByNothing()
    {
        PixelStatistics statistics = PixelStatistics.Of(
            ImageSet.OfTable(2, Enumerable.Repeat(0.1f, 2_002).ToArray(), new byte[1_001]));

        Assert.Equal([0f, 0f], statistics.ChannelStandardDeviations.ToArray());
        Assert.Equal([0.1f, 0.1f], statistics.ChannelMeans.ToArray());
    }

    [Fact]
    public void NoImagesHaveNoMean() =>
        Assert.Throws<ArgumentException>(() => PixelStatistics.Of(new ImageSet(1, 1, 1, new byte[0], new byte[0])));
}
