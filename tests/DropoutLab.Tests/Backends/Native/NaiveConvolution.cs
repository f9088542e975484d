using DropoutLab.Backends.OneDnn.Native;

namespace DropoutLab.Tests.Backends.Native;

/// <summary>
/// A convolution in double by its definition. Images are N×C×H×W with the channels innermost, weights O×C×KH×KW row-major.
/// </summary>
internal sealed record NaiveConvolution(
    int Batch, int Channels, int Height, int Width, int Outputs, int KernelHeight, int KernelWidth, ConvolutionWindows Geometry)
{
    public int OutputHeight =>
        ((Height + Geometry.PaddingTop + Geometry.PaddingBottom - KernelHeight) / Geometry.StrideHeight) + 1;

    public int OutputWidth => ((Width + Geometry.PaddingLeft + Geometry.PaddingRight - KernelWidth) / Geometry.StrideWidth) + 1;

    public int SourceLength => Batch * Channels * Height * Width;

    public int WeightsLength => Outputs * Channels * KernelHeight * KernelWidth;

    public int DestinationLength => Batch * Outputs * OutputHeight * OutputWidth;

    public double[] Forward(float[] source, float[] weights, float[] bias)
    {
        double[] destination = new double[DestinationLength];
        for (int i = 0; i < destination.Length; i++)
            destination[i] = bias[i % Outputs];
        ForEachProduct((x, w, y) => destination[y] += (double)source[x] * weights[w]);
        return destination;
    }

    public double[] BackwardData(float[] weights, float[] destinationGradient)
    {
        double[] sourceGradient = new double[SourceLength];
        ForEachProduct((x, w, y) => sourceGradient[x] += (double)weights[w] * destinationGradient[y]);
        return sourceGradient;
    }

    public double[] BackwardWeights(float[] source, float[] destinationGradient)
    {
        double[] weightsGradient = new double[WeightsLength];
        ForEachProduct((x, w, y) => weightsGradient[w] += (double)source[x] * destinationGradient[y]);
        return weightsGradient;
    }

    public double[] BackwardBias(float[] destinationGradient)
    {
        double[] biasGradient = new double[Outputs];
        for (int i = 0; i < destinationGradient.Length; i++)
            biasGradient[i % Outputs] += destinationGradient[i];
        return biasGradient;
    }

    /// <summary>Calls with the indices of source, weight and destination of each product that the definition sums.</summary>
    private void ForEachProduct(Action<int, int, int> visit)
    {
        for (int n = 0; n < Batch; n++)
            for (int i = 0; i < OutputHeight; i++)
                for (int j = 0; j < OutputWidth; j++)
                    for (int k = 0; k < KernelHeight; k++)
                        for (int l = 0; l < KernelWidth; l++)
                            VisitWindowCell(n, i, j, k, l, visit);
    }

    private void VisitWindowCell(int n, int i, int j, int k, int l, Action<int, int, int> visit)
    {
        int row = (i * Geometry.StrideHeight) + k - Geometry.PaddingTop;
        int column = (j * Geometry.StrideWidth) + l - Geometry.PaddingLeft;
        if (row < 0 || row >= Height || column < 0 || column >= Width)
            return;
        for (int o = 0; o < Outputs; o++)
            for (int c = 0; c < Channels; c++)
                visit(
                    (((((n * Height) + row) * Width) + column) * Channels) + c,
                    (((((o * Channels) + c) * KernelHeight) + k) * KernelWidth) + l,
                    (((((n * OutputHeight) + i) * OutputWidth) + j) * Outputs) + o);
    }
}
