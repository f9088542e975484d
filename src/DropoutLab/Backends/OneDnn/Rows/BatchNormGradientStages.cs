using System.Runtime.Intrinsics;

namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>∂J/∂β = Σ ∂J/∂y and ∂J/∂γ = Σ x̂ ∂J/∂y of each channel: a row's sums in 32 bits, the rows' in 64.</summary>
internal sealed unsafe class BatchNormSumsStage(
    RowOperand dy, RowOperand x, RowOperand mean, RowOperand variance, RowOperand scaleGradient, RowOperand? shiftGradient,
    double epsilon, int pixels, int channels, int threads)
    : RowStage([dy, x, mean, variance, scaleGradient, .. shiftGradient is null ? Array.Empty<RowOperand>() : [shiftGradient]])
{
    private const int Lanes = 8;

    private readonly ChannelSums sums = new(channels, threads);

    public override IEnumerable<RowOperand> Sums => shiftGradient is null ? [scaleGradient] : [scaleGradient, shiftGradient];

    public override void Begin() => sums.Clear();

    public override void Run(in RowPlace place)
    {
        float* signal = dy.Floats(place), row = x.Floats(place);
        int c = 0;
        for (; c + 2 * Lanes <= channels; c += 2 * Lanes)
            AddSixteen(signal + c, row + c, c, place.Share);
        for (; c < channels; c++)
            AddOne(signal + c, row + c, c, place.Share);
    }

    public override void End()
    {
        sums.End();
        for (int c = 0; c < channels; c++)
        {
            (double sum, double product) = sums.Of(c);
            scaleGradient.Shared[c] = (float)(product / Math.Sqrt(variance.Shared[c] + epsilon));
            if (shiftGradient is not null)
                shiftGradient.Shared[c] = (float)sum;
        }
    }

    private void AddSixteen(float* signal, float* row, int channel, int share)
    {
        Vector256<float> leftMean = Vector256.Load(mean.Shared + channel),
            rightMean = Vector256.Load(mean.Shared + channel + Lanes);
        Vector256<float> leftSum = default, rightSum = default, leftProduct = default, rightProduct = default;
        for (int i = 0; i < pixels; i++, signal += channels, row += channels)
        {
            Vector256<float> left = Vector256.Load(signal), right = Vector256.Load(signal + Lanes);
            leftSum += left;
            rightSum += right;
            leftProduct = Vector256.MultiplyAddEstimate(left, Vector256.Load(row) - leftMean, leftProduct);
            rightProduct = Vector256.MultiplyAddEstimate(right, Vector256.Load(row + Lanes) - rightMean, rightProduct);
        }

        for (int lane = 0; lane < Lanes; lane++)
        {
            sums.Add(share, channel + lane, leftSum[lane], leftProduct[lane]);
            sums.Add(share, channel + Lanes + lane, rightSum[lane], rightProduct[lane]);
        }
    }

    private void AddOne(float* signal, float* row, int channel, int share)
    {
        float centre = mean.Shared[channel], sum = 0, product = 0;
        for (int i = 0; i < pixels; i++)
        {
            sum += signal[(long)i * channels];
            product += signal[(long)i * channels] * (row[(long)i * channels] - centre);
        }

        sums.Add(share, channel, sum, product);
    }
}

/// <summary>∂J/∂β = Σ ∂J/∂y alone.</summary>
internal sealed unsafe class ChannelSumStage(RowOperand dy, RowOperand sum, int pixels, int channels, int threads)
    : RowStage(dy, sum)
{
    private readonly ChannelSums sums = new(channels, threads);

    public override IEnumerable<RowOperand> Sums => [sum];

    public override void Begin() => sums.Clear();

    public override void Run(in RowPlace place)
    {
        float* signal = dy.Floats(place);
        for (int c = 0; c < channels; c++)
        {
            double total = 0;
            for (int i = 0; i < pixels; i++)
                total += signal[(long)i * channels + c];
            sums.Add(place.Share, c, total, 0);
        }
    }

    public override void End()
    {
        sums.End();
        for (int c = 0; c < channels; c++)
            sum.Shared[c] = (float)sums.Of(c).First;
    }
}

/// <summary>
/// ∂J/∂x = γ/√(σ² + ε) (∂J/∂y − (∂J/∂β + x̂ ∂J/∂γ)/M): for each channel a factor times ∂J/∂y, a factor times x, and a term.
/// </summary>
internal sealed unsafe class BatchNormInputGradientStage(
    RowOperand dy, RowOperand x, RowOperand mean, RowOperand variance, RowOperand scale, RowOperand scaleGradient,
    RowOperand shiftGradient, RowOperand dx, double epsilon, int length, int channels, int batch, SharedStatistics? shared)
    : RowStage(dy, x, mean, variance, scale, scaleGradient, shiftGradient, dx)
{
    private readonly double[] sums = new double[2 * channels]; // ∂J/∂γ, then ∂J/∂β, of the minibatch
    private readonly ChannelCoefficients signalFactors = new(channels);
    private readonly ChannelCoefficients inputFactors = new(channels);
    private readonly ChannelCoefficients terms = new(channels);

    public override void Begin()
    {
        for (int c = 0; c < channels; c++)
            (sums[c], sums[channels + c]) = (scaleGradient.Shared[c], shiftGradient.Shared[c]);
        shared?.Sum(sums);
        double count = (double)length / channels * (shared?.MinibatchSize ?? batch);
        for (int c = 0; c < channels; c++)
        {
            double deviation = Math.Sqrt(variance.Shared[c] + epsilon), factor = scale.Shared[c] / deviation;
            double inputFactor = -factor * sums[c] / (deviation * count);
            signalFactors.Set(c, factor);
            inputFactors.Set(c, inputFactor);
            terms.Set(c, -factor * sums[channels + c] / count - inputFactor * mean.Shared[c]);
        }
    }

    public override void Run(in RowPlace place)
    {
        float* signal = dy.Floats(place), from = x.Floats(place), to = dx.Floats(place);
        int period = terms.Values.Length, i = 0;
        fixed (float* signalFactor = signalFactors.Values, inputFactor = inputFactors.Values, term = terms.Values)
        {
            for (; i + period <= length; i += period)
            {
                for (int j = 0; j < period; j += Vector256<float>.Count)
                {
                    Vector256<float> ofInput = Vector256.MultiplyAddEstimate(
                        Vector256.Load(inputFactor + j), Vector256.Load(from + i + j), Vector256.Load(term + j));
                    Vector256.MultiplyAddEstimate(Vector256.Load(signalFactor + j), Vector256.Load(signal + i + j), ofInput)
                        .Store(to + i + j);
                }
            }

            for (int j = 0; i < length; i++, j++)
                to[i] = signalFactor[j] * signal[i] + (inputFactor[j] * from[i] + term[j]);
        }
    }
}
