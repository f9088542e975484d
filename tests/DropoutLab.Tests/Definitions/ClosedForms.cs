using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using DropoutLab.Tests.Dropout;

namespace DropoutLab.Tests.Definitions;

/// <summary>
/// The poster's equations, written out as sums over every index in 64 bits, from the masks' definition. Nothing here is shared
/// with the backends.
/// </summary>
internal static class ClosedForms
{
    public static (double[] Forward, double[] Backward) Factors(
        DropoutRule rule, MaskSharing sharing, ulong seed, int layer, uint step, Shape shape)
    {
        double[] first = Factor(0, rule.DropProbability.At(step)), second = Factor(1, rule.SecondDropProbability.At(step));
        double[] one = [.. Enumerable.Repeat(1.0, shape.Count)];
        return rule.Kind switch
        {
            DropoutKind.None => (one, one),
            DropoutKind.Standard => (first, first),
            DropoutKind.Forward => (first, one),
            DropoutKind.Backward => (one, first),
            DropoutKind.Augmented => (first, [.. first.Zip(second, (a, b) => a * b)]),
            _ => (first, second),
        };

        double[] Factor(int which, double dropProbability)
        {
            MaskStream stream = new(seed, layer, which, step, dropProbability);
            double[] factor = new double[shape.Count];
            for (int i = 0; i < factor.Length; i++)
            {
                (uint datum, int draw) =
                    NaiveSharing.DrawOf(sharing, shape.Axes.ToArray(), (uint)(i / shape.CountPerDatum), i % shape.CountPerDatum);
                factor[i] = stream.Keeps(datum, draw) ? 1 / (1 - dropProbability) : 0;
            }

            return factor;
        }
    }

    /// <summary>z, ∂J/∂W, ∂J/∂b and Wᵀδ of a convolution (or a linear layer as a 1×1 one), by the seven-fold sum.</summary>
    public static (double[] Z, double[] WeightGradient, double[] BiasGradient, double[] InputGradient) Layer(
        Operator layer, Shape input, Shape weight, double[] forwardInput, double[] backwardInput, double[] w, double[] b,
        double[] dz)
    {
        (int stride, int padding) = layer is Convolution c ? (c.Stride, c.Padding) : (1, 0);
        (int height, int width, int inputs) = input.Rank == 4 ? (input[1], input[2], input[3]) : (1, 1, input[1]);
        (int outputs, int kernel) = (weight[0], weight.Rank == 4 ? weight[2] : 1);
        int rows = (height + 2 * padding - kernel) / stride + 1, columns = (width + 2 * padding - kernel) / stride + 1;
        double[] z = new double[input[0] * rows * columns * outputs];
        double[] dw = new double[w.Length], db = new double[outputs], dh = new double[forwardInput.Length];
        for (int n = 0; n < input[0]; n++)
            for (int y = 0; y < rows; y++)
                for (int x = 0; x < columns; x++)
                    for (int o = 0; o < outputs; o++)
                    {
                        int at = ((n * rows + y) * columns + x) * outputs + o;
                        z[at] += b[o];
                        db[o] += dz[at];
                        for (int i = 0; i < inputs; i++)
                            for (int u = 0; u < kernel; u++)
                                for (int v = 0; v < kernel; v++)
                                {
                                    int row = y * stride + u - padding, column = x * stride + v - padding;
                                    if (row < 0 || row >= height || column < 0 || column >= width)
                                        continue;
                                    int pixel = ((n * height + row) * width + column) * inputs + i;
                                    int tap = ((o * inputs + i) * kernel + u) * kernel + v;
                                    z[at] += w[tap] * forwardInput[pixel];
                                    dw[tap] += dz[at] * backwardInput[pixel];
                                    dh[pixel] += dz[at] * w[tap];
                                }
                    }

        return (z, dw, db, dh);
    }
}
