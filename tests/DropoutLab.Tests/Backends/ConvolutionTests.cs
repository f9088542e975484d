using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Backends.Reference;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Tests.Definitions;

namespace DropoutLab.Tests.Backends;

/// <summary>
/// A training step of two convolutions on oneDNN against the plain sums in 64 bits, for kernels, strides and channels of all
/// sorts.
/// </summary>
public sealed class ConvolutionTests
{
    [Theory]
    [InlineData(1, 1, 0, 16, 32)]
    [InlineData(1, 1, 0, 16, 48)]
    [InlineData(1, 2, 0, 16, 32)]
    [InlineData(1, 1, 0, 5, 7)]
    [InlineData(3, 1, 1, 16, 16)]
    [InlineData(3, 2, 1, 16, 32)]
    [InlineData(3, 1, 1, 3, 16)]
    [InlineData(5, 1, 2, 3, 32)]
    [InlineData(5, 1, 2, 8, 24)]
    [InlineData(1, 1, 1, 16, 16)]
    [InlineData(1, 3, 0, 16, 16)]
    [InlineData(2, 1, 2, 16, 16)]
    [InlineData(2, 3, 1, 16, 32)]
    [InlineData(3, 1, 0, 16, 16)]
    [InlineData(3, 1, 2, 16, 16)]
    [InlineData(3, 2, 0, 16, 32)]
    [InlineData(3, 2, 2, 16, 16)]
    [InlineData(5, 1, 0, 16, 16)]
    [InlineData(5, 1, 4, 16, 16)]
    [InlineData(5, 2, 2, 16, 16)]
    public void AStepEqualsThePlainSums(int kernel, int stride, int padding, int inputs, int outputs) =>
        Assert.All((int[])[1, 5], batch => AssertEqualsThePlainSums(batch, kernel, stride, padding, inputs, outputs));

    private static void AssertEqualsThePlainSums(int batch, int kernel, int stride, int padding, int inputs, int outputs)
    {
        Network network = new("two", new ImageShape(11, 10, inputs), 4, (builder, images) =>
        {
            Value h = new Conv2d("first", outputs, kernel) { Stride = stride, Padding = padding }.Apply(builder, images);
            h = new Conv2d("second", inputs, kernel) { Padding = padding }.Apply(builder, h);
            return new Linear("fc", 4).Apply(builder, h);
        });
        using OneDnnBackend onednn = TestBackends.OneDnn();
        using ReferenceBackend reference = new(2);
        using TrainingStep exact = new(reference, network, DropoutSettings.None, batch, Precision.Float64);
        exact.Fill(seed: 2, weightSize: 1.0 / 16);
        exact.Plan.Run();
        using (TrainingStep fast = new(onednn, network, DropoutSettings.None, batch, Precision.Float32))
        {
            fast.Fill(seed: 2, weightSize: 1.0 / 16);
            fast.Plan.Run();
            foreach (Parameter parameter in network.Parameters)
            {
                double distance = TestBackends.RelativeDistance(exact.Gradient(parameter.Name), fast.Gradient(parameter.Name));
                Assert.True(distance <= 1e-5, $"{parameter.Name}: {distance}; {string.Join("; ", fast.Plan.Kernels)}");
            }
        }
    }
}
