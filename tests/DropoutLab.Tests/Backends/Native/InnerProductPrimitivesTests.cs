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
        var naive = new NaiveConvolution(batch, inputs, 1, 1, outputs, 1, 1, ConvolutionGeometry.Square(1, 0));
        var x = Norms.RandomValues(batch * inputs, seed: 1);
        var w = Norms.RandomValues(outputs * inputs, seed: 2);
        var b = Norms.RandomValues(outputs, seed: 3);
        var gradient = Norms.RandomValues(batch * outputs, seed: 4);
        using var source = MemoryDescriptor.Dense(library, ElementType.Float32, [batch, inputs]);
        using var weights = MemoryDescriptor.Dense(library, ElementType.Float32, [outputs, inputs]);
        using var anyWeights = MemoryDescriptor.Any(library, ElementType.Float32, [outputs, inputs]);
        using var bias = MemoryDescriptor.Dense(library, ElementType.Float32, [outputs]);
        using var destination = MemoryDescriptor.Dense(library, ElementType.Float32, [batch, outputs]);
        var operands = new Operands(source, anyWeights, bias, destination);

        using var forward = InnerProductPrimitives.TryForward(library, operands, fuseRelu);
        var y = NativeRunner.Run(
            forward!,
            [(Argument.Source, source, x), (Argument.Weights, weights, w), (Argument.Bias, bias, b)],
            [(Argument.Destination, destination)]);
        var expected = naive.Forward(x, w, b);
        if (fuseRelu)
            expected = [.. expected.Select(value => Math.Max(value, 0))];
        Norms.AssertNear(expected, y[0], 1e-5, "forward");

        using var backwardData = InnerProductPrimitives.TryBackwardData(forward!, operands);
        var sourceGradient = NativeRunner.Run(
            backwardData!,
            [(Argument.Weights, weights, w), (Argument.DestinationGradient, destination, gradient)],
            [(Argument.SourceGradient, source)]);
        Norms.AssertNear(naive.BackwardData(w, gradient), sourceGradient[0], 1e-5, "backward data");

        using var backwardWeights = InnerProductPrimitives.TryBackwardWeights(forward!, operands);
        var gradients = NativeRunner.Run(
            backwardWeights!,
            [(Argument.Source, source, x), (Argument.DestinationGradient, destination, gradient)],
            [(Argument.WeightsGradient, weights), (Argument.BiasGradient, bias)]);
        Norms.AssertNear(naive.BackwardWeights(x, gradient), gradients[0], 1e-5, "backward weights");
        Norms.AssertNear(naive.BackwardBias(gradient), gradients[1], 1e-5, "backward bias");
    });
}
