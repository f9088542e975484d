using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Backends.Reference;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Tests.Definitions;
using static DropoutLab.Graph.Operations;

namespace DropoutLab.Tests.Backends;

/// <summary>Convolutions by transformed tiles against the plain sums in 64 bits, on images that no tile divides.</summary>
public sealed class WinogradTests
{
    /// <summary>Two layers' rounding; what one layer makes of its own input is held to 1e-5 with the definitions.</summary>
    private const double Bound = 2e-5;

    [Theory]
    [InlineData(5, 2, 16, 16, 32, 32, 7)]
    [InlineData(5, 2, 8, 8, 32, 64, 5)]
    [InlineData(5, 2, 32, 32, 3, 32, 3)]
    [InlineData(5, 1, 9, 11, 1, 16, 4)]
    [InlineData(5, 0, 9, 13, 16, 16, 3)]
    [InlineData(5, 4, 5, 4, 16, 48, 2)]
    [InlineData(5, 1, 7, 11, 48, 16, 1)]
    [InlineData(3, 1, 32, 32, 16, 16, 3)]
    [InlineData(3, 1, 8, 8, 64, 64, 5)]
    [InlineData(3, 1, 16, 16, 32, 32, 3)]
    [InlineData(3, 1, 32, 32, 3, 16, 3)]
    [InlineData(3, 1, 9, 11, 1, 16, 4)]
    [InlineData(3, 1, 28, 28, 16, 32, 2)]
    [InlineData(3, 1, 5, 70, 3, 16, 2)]
    [InlineData(3, 1, 4, 4, 16, 16, 30)]
    [InlineData(3, 1, 9, 6, 1, 16, 4)]
    [InlineData(3, 0, 9, 13, 16, 16, 3)]
    [InlineData(3, 2, 5, 4, 16, 48, 2)]
    [InlineData(3, 1, 7, 11, 48, 16, 1)]
    public void AllThreePassesEqualThePlainSums(
        int kernel, int padding, int height, int width, int inputs, int outputs, int batch)
    {
        Compare(kernel, padding, height, width, inputs, outputs, batch, fuseRelu: false);
        Compare(kernel, padding, height, width, inputs, outputs, batch, fuseRelu: true);
    }

    [Theory]
    [InlineData(32, 32, 16, 32, 3)]
    [InlineData(16, 16, 32, 64, 5)]
    [InlineData(31, 17, 16, 16, 3)]
    [InlineData(7, 8, 16, 48, 2)]
    [InlineData(10, 71, 48, 16, 2)]
    [InlineData(9, 15, 1, 16, 4)]
    [InlineData(32, 32, 3, 16, 2)]
    public void SoDoThoseOfEverySecondPixel(int height, int width, int inputs, int outputs, int batch)
    {
        Compare(3, 1, height, width, inputs, outputs, batch, fuseRelu: false, stride: 2);
        Compare(3, 1, height, width, inputs, outputs, batch, fuseRelu: true, stride: 2);
    }

    /// <summary>
    /// A gradient over 100 images is a sum of 102,400 terms; added up in one row, rounding would take it to 2.8e-5 here.
    /// </summary>
    [Fact]
    public void LongSumsStayExact() => Compare(5, 2, 32, 32, 3, 16, 100, fuseRelu: false, bound: 1e-5, threads: 1);

    /// <summary>
    /// With ReLU only the forward pass: a sum that rounding takes to the other side of 0 changes the gradient by more than
    /// rounding.
    /// </summary>
    private static void Compare(int kernel, int padding, int height, int width, int inputs, int outputs, int batch, bool fuseRelu,
        double bound = Bound, int threads = 2, int stride = 1)
    {
        Network network = new("one", new ImageShape(height, width, Math.Min(inputs, 16)), 4, (builder, images) =>
        {
            Value h = inputs <= 16 ? images : new Conv2d("widen", inputs, 1).Apply(builder, images);
            h = new Conv2d("conv", outputs, kernel) { Padding = padding, Stride = stride }.Apply(builder, h);
            h = fuseRelu ? Relu(h) : h;
            return new Linear("fc", 4).Apply(builder, h);
        });
        using ReferenceBackend reference = new(2);
        using TrainingStep exact = new(reference, network, DropoutLab.Dropout.DropoutSettings.None, batch, Precision.Float64);
        exact.Fill(seed: 2, weightSize: 1.0 / 16);
        exact.Plan.Run();
        using OneDnnBackend onednn = TestBackends.OneDnn(threads);
        using (TrainingStep fast = new(onednn, network, DropoutLab.Dropout.DropoutSettings.None, batch, Precision.Float32))
        {
            Assert.Equal(inputs % 16 == 0, IsComputed("Winograd convolution"));
            Assert.Equal(width * inputs >= 8, IsComputed("Winograd weight gradient"));
            fast.Fill(seed: 2, weightSize: 1.0 / 16);
            fast.Plan.Run();
            Assert.InRange(
                TestBackends.RelativeDistance(exact.Plan.Read(exact.Built.Logits), fast.Plan.Read(fast.Built.Logits)), 0, bound);
            foreach (Parameter parameter in fuseRelu ? [] : network.Parameters)
                Assert.True(
                    TestBackends.RelativeDistance(exact.Gradient(parameter.Name), fast.Gradient(parameter.Name)) <= bound,
                    $"{parameter.Name} "
                        + $"{TestBackends.RelativeDistance(exact.Gradient(parameter.Name), fast.Gradient(parameter.Name))}");

            bool IsComputed(string by) => fast.Plan.Kernels.Any(k => k.ToString()!.StartsWith(by, StringComparison.Ordinal));
        }
    }
}
