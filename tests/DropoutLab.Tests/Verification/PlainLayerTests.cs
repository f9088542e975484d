using DropoutLab.Auditing;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using DropoutLab.Tests.Definitions;
using DropoutLab.Verification;

namespace DropoutLab.Tests.Verification;

/// <summary>The loops over rows of kernels against the sums over every index.</summary>
public sealed class PlainLayerTests
{
    [Theory]
    [InlineData(3, 5, 7, 3, 4, 3, 1, 1)]
    [InlineData(2, 6, 5, 2, 3, 5, 1, 2)]
    [InlineData(1, 7, 8, 1, 2, 2, 2, 0)]
    [InlineData(2, 9, 4, 3, 2, 3, 3, 2)]
    [InlineData(2, 1, 1, 6, 5, 1, 1, 0)]
    [InlineData(2, 2, 3, 2, 2, 5, 2, 4)]
    public void AConvolution(int batch, int height, int width, int inputs, int outputs, int kernel, int stride, int padding)
    {
        Shape input = new(batch, height, width, inputs), weight = new(outputs, inputs, kernel, kernel);
        Shape output = new(
            batch, (height + 2 * padding - kernel) / stride + 1, (width + 2 * padding - kernel) / stride + 1, outputs);
        Check(new Convolution(stride, padding), input, weight, output);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(4, 9, 5)]
    public void AMatrix(int batch, int inputs, int outputs) =>
        Check(new LinearMap(), new Shape(batch, inputs), new Shape(outputs, inputs), new Shape(batch, outputs));

    private static void Check(Operator layer, Shape input, Shape weight, Shape output)
    {
        System.Random random = new(3);
        AuditedArray Numbers(Shape shape) =>
            new(shape, [.. Enumerable.Range(0, shape.Count).Select(_ => random.NextDouble() - 0.5)]);
        AuditedArray h = Numbers(input), w = Numbers(weight), b = Numbers(new Shape(weight[0])), dz = Numbers(output),
            factor = Numbers(input);
        (int stride, int padding) = layer is Convolution convolution ? (convolution.Stride, convolution.Padding) : (1, 0);
        PlainLayer plain = new(new LayerAudit("layer", layer is Convolution, stride, padding, w, b, h, h, h, dz, dz, w, b, h));
        double[] forward = [.. h.Values.Select(value => 2 * value)], backward = h.Values;

        (double[] z, double[] dw, double[] db, double[] dh) =
            ClosedForms.Layer(layer, input, weight, forward, backward, w.Values, b.Values, dz.Values);

        AssertClose(z, plain.Output(forward));
        AssertClose(dw, plain.WeightGradient(backward));
        AssertClose(db, plain.BiasGradient());
        AssertClose([.. dh.Zip(factor.Values, (left, right) => left * right)], plain.InputGradient(factor.Values));
    }

    private static void AssertClose(double[] expected, double[] found) =>
        Assert.InRange(TestBackends.RelativeDistance(expected, found), 0, 1e-14);
}
