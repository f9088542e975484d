using DropoutLab.Data;

namespace DropoutLab.Training;

/// <summary>How bytes become a network's input.</summary>
public enum PixelScaling
{
    /// <summary>Pixels 0 to 255 less the training set's mean image: Caffe's way.</summary>
    MeanImage,

    /// <summary>Pixels less their channel's mean, divided by their channel's standard deviation, over the training set.</summary>
    PerChannel,
}

/// <summary>input = (pixel − mean) · factor, a mean and a factor for each place of an image.</summary>
public sealed class PixelTransform
{
    private PixelTransform(float[] means, float[] factors)
    {
        Means = means;
        Factors = factors;
    }

    /// <summary>One for each of height × width × channels.</summary>
    public ReadOnlyMemory<float> Means { get; }

    /// <summary>One for each of height × width × channels.</summary>
    public ReadOnlyMemory<float> Factors { get; }

    public static PixelTransform Fit(PixelScaling scaling, ImageSet training)
    {
        PixelStatistics statistics = PixelStatistics.Of(training);
        int size = training.ImageSize, channels = training.Channels;
        float[] means = new float[size], factors = new float[size];
        for (int i = 0; i < size; i++)
        {
            bool byImage = scaling == PixelScaling.MeanImage;
            means[i] = byImage ? statistics.MeanImage.Span[i] : statistics.ChannelMeans.Span[i % channels];
            // A channel of one colour carries nothing; dividing by its deviation would make that nothing infinite.
            float deviation = Math.Max(statistics.ChannelStandardDeviations.Span[i % channels], 1);
            factors[i] = byImage ? 1 : 1 / deviation;
        }

        return new PixelTransform(means, factors);
    }

    /// <summary>An image's input, rounded to 32 bits as in training.</summary>
    public void Apply(ReadOnlySpan<byte> image, Span<double> input)
    {
        for (int i = 0; i < image.Length; i++)
            input[i] = (image[i] - Means.Span[i]) * Factors.Span[i];
    }
}
