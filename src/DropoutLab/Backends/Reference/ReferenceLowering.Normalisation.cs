using DropoutLab.Backends.Threading;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends.Reference;

/// <remarks>A channel's sums have a hundred thousand terms and more: they are taken in 64 bits whatever T is.</remarks>
internal sealed partial class ReferenceLowering<T>
{
    private Kernel BatchMeanKernel(Value value)
    {
        Whole<T> x = Whole(value.Inputs[0]), mean = Whole(value);
        return MinibatchMeans(value, (_, i) => double.CreateChecked(x.Span[i]), (c, ofChannel) =>
            mean.Span[c] = T.CreateChecked(ofChannel));
    }

    private Kernel BatchVarianceKernel(Value value)
    {
        Whole<T> x = Whole(value.Inputs[0]), variance = Whole(value);
        double[] means = new double[value.Shape.Count];
        builder.Kernels.Add(MinibatchMeans(value, (_, i) => double.CreateChecked(x.Span[i]), (c, mean) => means[c] = mean));
        return MinibatchMeans(value, (c, i) => Square(double.CreateChecked(x.Span[i]) - means[c]), (c, ofChannel) =>
            variance.Span[c] = T.CreateChecked(ofChannel));
    }

    private Kernel ChannelNormKernel(Value value, ChannelNorm normalisation)
    {
        Rows<T> x = Rows(value.Inputs[0]), y = Rows(value);
        Whole<T> mean = Whole(value.Inputs[1]), variance = Whole(value.Inputs[2]), scale = Whole(value.Inputs[3]),
            shift = Whole(value.Inputs[4]);
        int channels = mean.Span.Length;
        return ForEachDatum(value, n =>
        {
            Span<T> from = x[n], to = y[n];
            for (int i = 0; i < to.Length; i++)
            {
                int c = i % channels;
                to[i] = scale.Span[c] * (from[i] - mean.Span[c]) / Deviation(normalisation, variance.Span[c]) + shift.Span[c];
            }
        });
    }

    private Kernel BatchNormShiftGradientKernel(Value value)
    {
        Whole<T> dy = Whole(value.Inputs[0]), gradient = Whole(value);
        return ForEachChannel(value, (c, channels) =>
            gradient.Span[c] = T.CreateChecked(ChannelSum(dy.Span, c, channels, i => double.CreateChecked(dy.Span[i]))));
    }

    private Kernel BatchNormScaleGradientKernel(Value value, ChannelNorm normalisation)
    {
        Whole<T> dy = Whole(value.Inputs[0]), x = Whole(value.Inputs[1]), gradient = Whole(value);
        Whole<T> mean = Whole(value.Inputs[2]), variance = Whole(value.Inputs[3]);
        return ForEachChannel(value, (c, channels) =>
        {
            T deviation = Deviation(normalisation, variance.Span[c]), centre = mean.Span[c];
            gradient.Span[c] = T.CreateChecked(ChannelSum(
                dy.Span, c, channels, i => double.CreateChecked(dy.Span[i] * (x.Span[i] - centre) / deviation)));
        });
    }

    private Kernel BatchNormInputGradientKernel(Value value, ChannelNorm normalisation)
    {
        Rows<T> dy = Rows(value.Inputs[0]), x = Rows(value.Inputs[1]), dx = Rows(value);
        Whole<T> mean = Whole(value.Inputs[2]), variance = Whole(value.Inputs[3]), scale = Whole(value.Inputs[4]);
        Whole<T> scaleGradient = Whole(value.Inputs[5]), shiftGradient = Whole(value.Inputs[6]);
        int channels = mean.Span.Length;
        T count = T.CreateChecked(MinibatchCount(value, channels));
        T[] scaleSums = new T[channels], shiftSums = new T[channels];
        double[] sums = new double[2 * channels];
        return Loop(value, value.Shape[0], Row, before: () =>
        {
            for (int c = 0; c < channels; c++)
                (sums[c], sums[channels + c]) =
                    (double.CreateChecked(scaleGradient.Span[c]), double.CreateChecked(shiftGradient.Span[c]));
            builder.Statistics?.Sum(sums);
            for (int c = 0; c < channels; c++)
                (scaleSums[c], shiftSums[c]) = (T.CreateChecked(sums[c]), T.CreateChecked(sums[channels + c]));
        });

        void Row(int n)
        {
            Span<T> signal = dy[n], from = x[n], to = dx[n];
            for (int i = 0; i < to.Length; i++)
            {
                int c = i % channels;
                T deviation = Deviation(normalisation, variance.Span[c]);
                T normalised = (from[i] - mean.Span[c]) / deviation;
                to[i] = scale.Span[c] / deviation * (
                    signal[i] - (shiftSums[c] + normalised * scaleSums[c]) / count);
            }
        }
    }

    private Kernel RunningAverageKernel(Value value, RunningAverage average)
    {
        Whole<T> before = Whole(value.Inputs[0]), now = Whole(value.Inputs[1]), after = Whole(value);
        T momentum = T.CreateChecked(average.Momentum), factor = T.CreateChecked(average.Factor);
        return Loop(value, value.Shape.Count, i =>
            after.Span[i] = before.Span[i] + momentum * (factor * now.Span[i] - before.Span[i]));
    }

    private Kernel SubsampleKernel(Value value, Subsample subsample)
    {
        Rows<T> x = Rows(value.Inputs[0]), y = Rows(value);
        Shape input = value.Inputs[0].Shape;
        return ForEachDatum(value, n =>
        {
            y[n].Clear();
            foreach ((int from, int to) in subsample.KeptPixels(input))
                x[n].Slice(from * input[3], input[3]).CopyTo(y[n][(to * subsample.Channels)..]);
        });
    }

    private Kernel SubsampleGradientKernel(Value value, Subsample subsample)
    {
        Rows<T> dy = Rows(value.Inputs[0]), dx = Rows(value);
        Shape input = value.Shape;
        return ForEachDatum(value, n =>
        {
            dx[n].Clear();
            foreach ((int from, int to) in subsample.KeptPixels(input))
                dy[n].Slice(to * subsample.Channels, input[3]).CopyTo(dx[n][(from * input[3])..]);
        });
    }

    /// <summary>
    /// Means of a term (of the channel, the element) over a statistic's input, all processes' where some share it.
    /// </summary>
    private LoopKernel MinibatchMeans(Value value, Func<int, int, double> term, Action<int, double> take)
    {
        Whole<T> x = Whole(value.Inputs[0]);
        int channels = value.Shape.Count;
        double count = MinibatchCount(value.Inputs[0], channels);
        double[] sums = new double[channels];
        return Loop(value, channels, c => sums[c] = ChannelSum(x.Span, c, channels, i => term(c, i)), after: () =>
        {
            builder.Statistics?.Sum(sums);
            for (int c = 0; c < channels; c++)
                take(c, sums[c] / count);
        });
    }

    /// <summary>M, the elements that a channel has in the minibatch.</summary>
    private double MinibatchCount(Value x, int channels) =>
        (double)(x.Shape.CountPerDatum / channels) * (builder.Statistics?.MinibatchSize ?? x.Shape[0]);

    private LoopKernel ForEachChannel(Value value, Action<int, int> body)
    {
        int channels = value.Shape.Count;
        return Loop(value, channels, c => body(c, channels));
    }

    private static T Deviation(ChannelNorm normalisation, T variance) =>
        T.Sqrt(variance + T.CreateChecked(normalisation.Epsilon));

    private static double Square(double x) => x * x;

    private static double ChannelSum(ReadOnlySpan<T> x, int channel, int channels, Func<int, double> term)
    {
        double sum = 0;
        for (int i = channel; i < x.Length; i += channels)
            sum += term(i);
        return sum;
    }
}
