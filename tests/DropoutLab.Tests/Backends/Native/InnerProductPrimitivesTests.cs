using DropoutLab.Backends.OneDnn.Native;

namespace DropoutLab.Tests.Backends.Native;

public sealed class InnerProductPrimitivesTests : NativeTest
{
    [Theory]
    [InlineData(1, 1, 1, false)]
    [InlineData(7, 64, 10, false)]
    [InlineData(13, 33, 17, false)]
    [InlineData(13, 33, 17, true)]
    [InlineData(5, 100, 64, true)]
    public void ThreePassesAgreeWithTheDefinition(int batch, int inputs, int outputs, bool fuseRelu) => WithLibrary(library =>
    {
        // A product is a convolution of images of one pixel.
        NaiveConvolution naive = new NaiveConvolution(batch, inputs, 1, 1, outputs, 1, 1, ConvolutionWindows.Square(1, 0));
        float[] x = Norms.RandomValues(batch * inputs, seed: 1);
        float[] w = Norms.RandomValues(outputs * inputs, seed: 2);
        float[] b = Norms.RandomValues(outputs, seed: 3);
        float[] gradient = Norms.RandomValues(batch * outputs, seed: 4);
        using MemoryDescriptor source = MemoryDescriptor.Dense(library, ElementType.Float32, [batch, inputs]);
        using MemoryDescriptor weights = MemoryDescriptor.Dense(library, ElementType.Float32, [outputs, inputs]);
        using MemoryDescriptor anyWeights = MemoryDescriptor.Any(library, ElementType.Float32, [outputs, inputs]);
        using MemoryDescriptor bias = MemoryDescriptor.Dense(library, ElementType.Float32, [outputs]);
        using MemoryDescriptor destination = MemoryDescriptor.Dense(library, ElementType.Float32, [batch, outputs]);
        Operands operands = new Operands(source, anyWeights, bias, destination);

        using var forward = InnerProductPrimitives.TryForward(library, operands, fuseRelu);
        float[][] y = NativeRunner.Run(
            forward!,
            [(Argument.Source, source, x), (Argument.Weights, weights, w), (Argument.Bias, bias, b)],
            [(Argument.Destination, destination)]);
        double[] expected = naive.Forward(x, w, b);
        if (fuseRelu)
            expected = [.. expected.Select(value => Math.Max(value, 0))];
        Norms.AssertNear(expected, y[0], 1e-5, "forward");

        using var backwardData = InnerProductPrimitives.TryBackwardData(forward!, operands);
        float[][] sourceGradient = NativeRunner.Run(
            backwardData!,
            [(Argument.Weights, weights, w), (Argument.DestinationGradient, destination, gradient)],
            [(Argument.SourceGradient, source)]);
        Norms.AssertNear(naive.BackwardData(w, gradient), sourceGradient[0], 1e-5, "backward data");

        using var backwardWeights = InnerProductPrimitives.TryBackwardWeights(forward!, operands);
        float[][] gradients = NativeRunner.Run(
            backwardWeights!,
            [(Argument.Source, source, x), (Argument.DestinationGradient, destination, gradient)],
            [(Argument.WeightsGradient, weights), (Argument.BiasGradient, bias)]);
        Norms.AssertNear(naive.BackwardWeights(x, gradient), gradients[0], 1e-5, "backward weights");
        Norms.AssertNear(naive.BackwardBias(gradient), gradients[1], 1e-5, "backward bias");
    });
}
