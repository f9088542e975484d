using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Tests.Definitions;
using static DropoutLab.Graph.Operations;

namespace DropoutLab.Tests.Backends;

/// <summary>Layers that have an input or an error signal in common: what is summed for one is not taken for the other's.</summary>
public sealed class SharedSignalTests
{
    private static readonly ImageShape Images = new(7, 6, 3);

    private static readonly Dictionary<string, Func<NetworkBuilder, Value, Value>> Bodies = new()
    {
        ["a normalisation beside a layer"] = (builder, h) =>
            Add(new BatchNorm2d("norm2").Apply(builder, Convolution(builder, "conv2", h, bias: false)), new BatchNorm2d("norm1").Apply(builder, h)),
        ["two normalisations of one input"] = (builder, h) => Add(new BatchNorm2d("norm1").Apply(builder, h), new BatchNorm2d("norm2").Apply(builder, h)),
        ["two convolutions with biases"] = (builder, h) => Add(Convolution(builder, "conv1", h, bias: true), Convolution(builder, "conv2", h, bias: true)),
        ["one of two with a bias"] = (builder, h) => Add(Convolution(builder, "conv1", h, bias: false), Convolution(builder, "conv2", h, bias: true)),
        ["two linear layers"] = (builder, h) => Add(new Linear("fc1", 8).Apply(builder, h), new Linear("fc2", 8).Apply(builder, h)),
    };

    public static TheoryData<string> Names => [.. Bodies.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void GradientsAreThoseOfTheReference(string name)
    {
        if (!TestBackends.TryOneDnn(out OneDnnBackend onednn))
            return;
        Network network = new("shared", Images, 4, (builder, images) =>
            new Linear("last", 4).Apply(builder, Relu(Bodies[name](builder, Convolution(builder, "first", images, bias: true)))));
        using Backend reference = TestBackends.Reference();
        using (onednn)
        {
            Dictionary<string, double[]> expected = StepGradients.Of(reference, network, Precision.Float64);
            Dictionary<string, double[]> found = StepGradients.Of(onednn, network, Precision.Float32);
            // A bias before a normalisation moves nothing: its gradient is 0 but for rounding.
            foreach ((string parameter, double[] gradient) in expected.Where(pair => pair.Value.Any(value => Math.Abs(value) > 1e-12)))
                Assert.True(TestBackends.RelativeDistance(gradient, found[parameter]) < 1e-5, parameter);
        }
    }

    private static Value Convolution(NetworkBuilder builder, string name, Value h, bool bias) =>
        new Conv2d(name, 6, KernelSize: 3) { Padding = 1, HasBias = bias }.Apply(builder, h);
}
