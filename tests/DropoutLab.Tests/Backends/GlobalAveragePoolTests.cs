using DropoutLab.Backends;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using DropoutLab.Tests.Definitions;

namespace DropoutLab.Tests.Backends;

public sealed class GlobalAveragePoolTests
{
    [Theory]
    [InlineData(3, 5)]
    [InlineData(7, 2)]
    [InlineData(4, 4)]
    [InlineData(1, 1)]
    public void ItIsTheMeanOverTheImageAndSharesItsGradientOut(int height, int width)
    {
        const int Batch = 3, Channels = 5;
        int pixels = height * width;
        Value x = Operations.Input("x", new Shape(Batch, height, width, Channels)), y = Operations.GlobalAveragePool(x);
        Value dy = Operations.Input("dy", y.Shape),
            dx = new(new AveragePoolGradient(((AveragePool)y.Operator).Windows, x.Shape), dy);
        double[] image = [.. Enumerable.Range(0, x.Shape.Count).Select(i => i * 37 % 101 / 8.0)],
            signal = [.. Enumerable.Range(1, y.Shape.Count).Select(i => (double)i)];
        Assert.Equal(new Shape(Batch, 1, 1, Channels), y.Shape);
        foreach (Backend backend in TestBackends.All())
        {
            using (backend)
            {
                using ParameterStore store = new([], Precision.Float32);
                using Plan plan = backend.Compile(PlanRequest.Evaluate([y, dx], store), Precision.Float32);
                plan.Write(x, image);
                plan.Write(dy, signal);
                plan.Run();
                double[] means = plan.Read(y), shares = plan.Read(dx);
                for (int i = 0; i < y.Shape.Count; i++)
                {
                    (int n, int c) = (i / Channels, i % Channels);
                    Assert.Equal(
                        Enumerable.Range(0, pixels).Average(pixel => image[(n * pixels + pixel) * Channels + c]), means[i], 1e-5);
                    Assert.All(Enumerable.Range(0, pixels),
                        pixel => Assert.Equal(signal[i] / pixels, shares[(n * pixels + pixel) * Channels + c], 1e-5));
                }
            }
        }
    }

    [Fact]
    public void WindowsThatDoNotFitAreStillRefused()
    {
        Value x = Operations.Input("x", new Shape(1, 4, 6, 2));
        Assert.Contains("a pooling window of 5 does not fit 4 pixels",
            Assert.Throws<DropoutLabException>(() => Operations.AveragePool(x, 5, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("a pooling window of 7 does not fit 4 pixels",
            Assert.Throws<DropoutLabException>(() => Operations.MaxPool(x, 7, 1)).Message, StringComparison.Ordinal);
        Assert.Throws<DropoutLabException>(() => Operations.GlobalAveragePool(Operations.Flatten(x)));
    }
}
