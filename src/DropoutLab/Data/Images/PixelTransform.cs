using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using DropoutLab.Data;

namespace DropoutLab.Data.Images;

/// <summary>input = (pixel − mean) · factor, a mean and a factor for each place of an image.</summary>
public sealed class PixelTransform
{
    private readonly float[] means, factors;

    private PixelTransform(float[] means, float[] factors) => (this.means, this.factors) = (means, factors);

    /// <summary>One for each of height × width × channels.</summary>
    public ReadOnlyMemory<float> Means => means;

    /// <summary>One for each of height × width × channels.</summary>
    public ReadOnlyMemory<float> Factors => factors;

    /// <summary>The transform with given means and factors, one for each of height × width × channels.</summary>
    internal static PixelTransform Of(ReadOnlySpan<float> means, ReadOnlySpan<float> factors) =>
        new(means.ToArray(), factors.ToArray());

    /// <summary>The means and factors of a training set.</summary>
    public static PixelTransform Fit(PixelScaling scaling, ImageSet training) => scaling == PixelScaling.None
        ? new PixelTransform(new float[training.ImageSize], [.. Enumerable.Repeat(1f, training.ImageSize)])
        : Fit(scaling, training, PixelStatistics.Of(training));

    /// <summary>An image's input. Where training is in 32 bits or 16, its inputs are rounded further.</summary>
    /// <param name="image">Height × width × channels bytes.</param>
    /// <param name="input">As many numbers.</param>
    public void Apply(ReadOnlySpan<byte> image, Span<double> input) => Apply<byte>(image, input);

    /// <inheritdoc cref="Apply(ReadOnlySpan{byte}, Span{double})"/>
    /// <param name="image">Height × width × channels numbers.</param>
    /// <param name="input">As many.</param>
    public void Apply(ReadOnlySpan<float> image, Span<double> input) => Apply<float>(image, input);

    /// <summary>The transform of mirror images: each pixel keeps its own mean and factor.</summary>
    internal PixelTransform Mirrored(PixelMirror mirror)
    {
        PixelTransform mirrored = new(new float[means.Length], new float[factors.Length]);
        mirror.Mirror<float>(means, mirrored.means);
        mirror.Mirror<float>(factors, mirrored.factors);
        return mirrored;
    }

    /// <summary>The input of those of an image's elements that begin with number <paramref name="first"/>.</summary>
    internal void Scale<T>(ReadOnlySpan<T> image, int first, Span<float> input)
        where T : unmanaged, INumberBase<T>
    {
        if (typeof(T) == typeof(byte))
        {
            ScaleBytes(MemoryMarshal.AsBytes(image), first, input);
            return;
        }

        for (int i = 0; i < input.Length; i++)
            input[i] = (float.CreateChecked(image[first + i]) - means[first + i]) * factors[first + i];
    }

    /// <inheritdoc cref="Scale{T}(ReadOnlySpan{T}, int, Span{float})"/>
    internal void Scale<T>(ReadOnlySpan<T> image, int first, Span<double> input)
        where T : unmanaged, INumberBase<T>
    {
        for (int i = 0; i < input.Length; i++)
            input[i] = (double.CreateChecked(image[first + i]) - means[first + i]) * factors[first + i];
    }

    private static PixelTransform Fit(PixelScaling scaling, ImageSet training, PixelStatistics statistics)
    {
        int size = training.ImageSize, channels = training.Channels;
        float[] means = new float[size], factors = new float[size];
        for (int i = 0; i < size; i++)
        {
            bool byImage = scaling == PixelScaling.MeanImage;
            means[i] = byImage ? statistics.MeanImage.Span[i] : statistics.ChannelMeans.Span[i % channels];
            // A channel of one colour carries nothing; dividing by its deviation would make that nothing infinite.
            float deviation = statistics.ChannelStandardDeviations.Span[i % channels];
            factors[i] = byImage || deviation == 0 ? 1 : 1 / deviation;
        }

        return new PixelTransform(means, factors);
    }

    private void Apply<T>(ReadOnlySpan<T> image, Span<double> input)
        where T : unmanaged, INumberBase<T>
    {
        for (int i = 0; i < image.Length; i++)
            input[i] = (float.CreateChecked(image[i]) - means[i]) * factors[i];
    }

    private unsafe void ScaleBytes(ReadOnlySpan<byte> image, int first, Span<float> input)
    {
        fixed (byte* from = image.Slice(first, input.Length))
        fixed (float* mean = means.AsSpan(first, input.Length), factor = factors.AsSpan(first, input.Length), to = input)
        {
            int i = 0;
            for (; i + 16 <= input.Length; i += 16)
            {
                (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Load(from + i));
                ScaleEight(low, mean + i, factor + i, to + i);
                ScaleEight(high, mean + i + 8, factor + i + 8, to + i + 8);
            }

            for (; i < input.Length; i++)
                to[i] = (from[i] - mean[i]) * factor[i];
        }
    }

    private static unsafe void ScaleEight(Vector128<ushort> pixels, float* mean, float* factor, float* to)
    {
        Vector256<int> whole = Vector256.Create(Vector128.WidenLower(pixels), Vector128.WidenUpper(pixels)).AsInt32();
        ((Vector256.ConvertToSingle(whole) - Vector256.Load(mean)) * Vector256.Load(factor)).Store(to);
    }
}
