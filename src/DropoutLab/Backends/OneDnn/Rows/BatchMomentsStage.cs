using System.Runtime.Intrinsics;

namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>
/// Mean and variance of each channel over the batch. Within a row the sums are those of the distances from the row's first pixel,
/// in 32 bits; rows are added in 64 bits, so that a mean far from 0 costs the variance no precision.
/// </summary>
internal sealed unsafe class BatchMomentsStage(
    RowOperand x, RowOperand? mean, RowOperand? variance, int pixels, int channels, int batch, int threads,
    SharedStatistics? shared)
    : RowStage(
        [x, .. mean is null ? Array.Empty<RowOperand>() : [mean], .. variance is null ? Array.Empty<RowOperand>() : [variance]])
{
    private const int Lanes = 8;

    private readonly ChannelSums sums = new(channels, threads, shared);

    public override IEnumerable<RowOperand> Sums => Operands.Skip(1);

    public override void Begin() => sums.Clear();

    public override void Run(in RowPlace place)
    {
        float* row = x.Floats(place);
        int c = 0;
        for (; c + 2 * Lanes <= channels; c += 2 * Lanes)
            AddSixteen(row + c, c, place.Share);
        for (; c < channels; c++)
            AddOne(row + c, c, place.Share);
    }

    public override void End()
    {
        sums.End();
        double count = (double)pixels * (shared?.MinibatchSize ?? batch);
        for (int c = 0; c < channels; c++)
        {
            (double sum, double squares) = sums.Of(c);
            double centre = sum / count;
            if (mean is not null)
                mean.Shared[c] = (float)centre;
            if (variance is not null)
                variance.Shared[c] = (float)Math.Max(squares / count - centre * centre, 0);
        }
    }

    private void AddSixteen(float* row, int channel, int share)
    {
        Vector256<float> leftPivot = Vector256.Load(row), rightPivot = Vector256.Load(row + Lanes);
        Vector256<float> leftSum = default, rightSum = default, leftSquares = default, rightSquares = default;
        float* pixel = row;
        for (int i = 0; i < pixels; i++, pixel += channels)
        {
            Vector256<float> left = Vector256.Load(pixel) - leftPivot, right = Vector256.Load(pixel + Lanes) - rightPivot;
            leftSum += left;
            rightSum += right;
            leftSquares = Vector256.MultiplyAddEstimate(left, left, leftSquares);
            rightSquares = Vector256.MultiplyAddEstimate(right, right, rightSquares);
        }

        for (int lane = 0; lane < Lanes; lane++)
        {
            Add(share, channel + lane, leftPivot[lane], leftSum[lane], leftSquares[lane]);
            Add(share, channel + Lanes + lane, rightPivot[lane], rightSum[lane], rightSquares[lane]);
        }
    }

    private void AddOne(float* row, int channel, int share)
    {
        float pivot = *row, sum = 0, squares = 0;
        for (int i = 0; i < pixels; i++)
        {
            float distance = row[(long)i * channels] - pivot;
            sum += distance;
            squares += distance * distance;
        }

        Add(share, channel, pivot, sum, squares);
    }

    /// <summary>Σ x and Σ x² from Σ (x − pivot) and Σ (x − pivot)².</summary>
    private void Add(int share, int channel, double pivot, double sum, double squares) =>
        sums.Add(share, channel, sum + pixels * pivot, squares + 2 * pivot * sum + pixels * pivot * pivot);
}
