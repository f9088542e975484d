using System.Numerics.Tensors;
using DropoutLab.Auditing;
using DropoutLab.Graph;

namespace DropoutLab.Verification;

/// <summary>
/// What a weight layer must give, by the sums that define it, in 64 bits and from the arrays that it read:
/// <code>
/// z = W (h ⊙ F) + b      ∂J/∂W = ∂J/∂z (h ⊙ B)ᵀ      ∂J/∂b = Σ ∂J/∂z      ∂J/∂h = Wᵀ ∂J/∂z ⊙ B
/// </code>
/// </summary>
internal sealed class PlainLayer
{
    private readonly LayerAudit layer;
    private readonly KernelRow[][] rowsAt;
    private readonly int batch;
    private readonly int inputSize;
    private readonly int outputs;
    private readonly int kernelSize;

    public PlainLayer(LayerAudit layer)
    {
        this.layer = layer;
        rowsAt = KernelRow.At(layer);
        (batch, inputSize) = (layer.Input.Shape[0], layer.Input.Shape.CountPerDatum);
        (outputs, kernelSize) = (layer.Weight.Shape[0], layer.Weight.Shape.CountPerDatum);
    }

    /// <summary>z.</summary>
    /// <param name="seen">h ⊙ F.</param>
    public double[] Output(double[] seen)
    {
        double[] z = new double[layer.Output.Values.Length], weight = ChannelsLast(layer.Weight);
        if (layer.Bias is { } bias)
        {
            for (int i = 0; i < z.Length; i++)
                z[i] = bias.Values[i % outputs];
        }

        Parallel.For(0, batch, datum => ForEachRow(datum, (at, output, row) =>
            z[at] += TensorPrimitives.Dot<double>(
                seen.AsSpan(datum * inputSize + row.Pixel, row.Length),
                weight.AsSpan(output * kernelSize + row.Tap, row.Length))));
        return z;
    }

    /// <summary>∂J/∂W.</summary>
    /// <param name="seen">h ⊙ B.</param>
    public double[] WeightGradient(double[] seen)
    {
        double[] gradient = new double[layer.Weight.Values.Length], signal = layer.OutputGradient.Values;
        // No two threads add to the same output's kernel.
        Parallel.For(0, outputs, mine =>
        {
            for (int place = 0; place < batch * rowsAt.Length; place++)
            {
                int image = place / rowsAt.Length * inputSize;
                foreach (KernelRow row in rowsAt[place % rowsAt.Length])
                    AddProduct(seen.AsSpan(image + row.Pixel, row.Length), signal[place * outputs + mine],
                        gradient.AsSpan(mine * kernelSize + row.Tap, row.Length));
            }
        });
        return ChannelsFirst(gradient, layer.Weight.Shape);
    }

    /// <summary>∂J/∂b.</summary>
    public double[] BiasGradient()
    {
        double[] gradient = new double[outputs], signal = layer.OutputGradient.Values;
        for (int i = 0; i < signal.Length; i++)
            gradient[i % outputs] += signal[i];
        return gradient;
    }

    /// <summary>∂J/∂h.</summary>
    /// <param name="factor">B.</param>
    public double[] InputGradient(double[] factor)
    {
        double[] gradient = new double[batch * inputSize], weight = ChannelsLast(layer.Weight),
            signal = layer.OutputGradient.Values;
        Parallel.For(0, batch, datum => ForEachRow(datum, (at, output, row) =>
            AddProduct(
                weight.AsSpan(output * kernelSize + row.Tap, row.Length), signal[at],
                gradient.AsSpan(datum * inputSize + row.Pixel, row.Length))));
        TensorPrimitives.Multiply(gradient, factor, gradient);
        return gradient;
    }

    /// <summary>
    /// Visits each element of a datum's output with each row of the kernel there: the element's index, its output, the row.
    /// </summary>
    private void ForEachRow(int datum, Action<int, int, KernelRow> visit)
    {
        for (int place = 0; place < rowsAt.Length; place++)
        {
            for (int output = 0; output < outputs; output++)
            {
                foreach (KernelRow row in rowsAt[place])
                    visit((datum * rowsAt.Length + place) * outputs + output, output, row);
            }
        }
    }

    private static void AddProduct(ReadOnlySpan<double> values, double factor, Span<double> sum) =>
        TensorPrimitives.MultiplyAdd(values, factor, sum, sum);

    /// <summary>OIHW as OHWI, the order of the images; a matrix as it is.</summary>
    private static double[] ChannelsLast(AuditedArray weight) => Transpose(weight.Values, weight.Shape, toChannelsLast: true);

    /// <summary>OHWI as OIHW; a matrix as it is.</summary>
    private static double[] ChannelsFirst(double[] weight, Shape shape) => Transpose(weight, shape, toChannelsLast: false);

    private static double[] Transpose(double[] weight, Shape shape, bool toChannelsLast)
    {
        if (shape.Rank == 2)
            return weight;
        (int inputs, int places) = (shape[1], shape[2] * shape[3]);
        double[] transposed = new double[weight.Length];
        for (int output = 0; output < shape[0]; output++)
        {
            for (int input = 0; input < inputs; input++)
            {
                for (int place = 0; place < places; place++)
                {
                    int first = (output * inputs + input) * places + place, last = (output * places + place) * inputs + input;
                    (int from, int to) = toChannelsLast ? (first, last) : (last, first);
                    transposed[to] = weight[from];
                }
            }
        }

        return transposed;
    }
}

/// <summary>
/// One row of a convolution's kernel where it lies on the image: a stretch of neighbours, both in the image [H, W, I] and in the
/// kernel of one output [K, K, I], without what lies outside the image.
/// </summary>
/// <param name="Pixel">Where the stretch begins in a datum's image.</param>
/// <param name="Tap">Where it begins in the kernel.</param>
/// <param name="Length">How many elements it has.</param>
internal readonly record struct KernelRow(int Pixel, int Tap, int Length)
{
    /// <summary>
    /// The rows at each place of a layer's output, row-major. A matrix is a 1×1 kernel on a 1×1 image: one place, one row.
    /// </summary>
    public static KernelRow[][] At(LayerAudit layer)
    {
        Shape input = layer.Input.Shape, output = layer.Output.Shape;
        if (!layer.IsConvolution)
            return [[new KernelRow(0, 0, input.CountPerDatum)]];
        return
        [
            .. from y in Enumerable.Range(0, output[1])
               from x in Enumerable.Range(0, output[2])
               select Place(y * layer.Stride - layer.Padding, x * layer.Stride - layer.Padding, input, layer.Weight.Shape),
        ];
    }

    private static KernelRow[] Place(int top, int left, Shape input, Shape weight)
    {
        (int height, int width, int channels) = (input[1], input[2], input[3]);
        (int kernelHeight, int kernelWidth) = (weight[2], weight[3]);
        int first = Math.Max(left, 0), end = Math.Min(left + kernelWidth, width);
        return
        [
            .. from row in Enumerable.Range(top, kernelHeight)
               where row >= 0 && row < height && first < end
               select new KernelRow(
                   (row * width + first) * channels, ((row - top) * kernelWidth + first - left) * channels,
                   (end - first) * channels),
        ];
    }
}
