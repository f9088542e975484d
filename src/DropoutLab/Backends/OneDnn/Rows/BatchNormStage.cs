using System.Runtime.Intrinsics;

namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>y = γ/√(σ² + ε) x + (β − γ μ/√(σ² + ε)), channel by channel.</summary>
internal sealed unsafe class ChannelNormStage(
    RowOperand x, RowOperand mean, RowOperand variance, RowOperand scale, RowOperand shift, RowOperand y,
    double epsilon, int length, int channels)
    : RowStage(x, mean, variance, scale, shift, y)
{
    private readonly ChannelCoefficients factors = new(channels);
    private readonly ChannelCoefficients terms = new(channels);

    public override void Begin()
    {
        for (int c = 0; c < channels; c++)
        {
            double factor = scale.Shared[c] / Math.Sqrt(variance.Shared[c] + epsilon);
            factors.Set(c, factor);
            terms.Set(c, shift.Shared[c] - factor * mean.Shared[c]);
        }
    }

    public override void Run(in RowPlace place)
    {
        float* from = x.Floats(place), to = y.Floats(place);
        int period = factors.Values.Length, i = 0;
        fixed (float* factor = factors.Values, term = terms.Values)
        {
            for (; i + period <= length; i += period)
            {
                for (int j = 0; j < period; j += Vector256<float>.Count)
                    Vector256.MultiplyAddEstimate(
                        Vector256.Load(factor + j), Vector256.Load(from + i + j), Vector256.Load(term + j)).Store(to + i + j);
            }

            for (int j = 0; i < length; i++, j++)
                to[i] = factor[j] * from[i] + term[j];
        }
    }
}
