using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Tests.Definitions;
using static DropoutLab.Graph.Operations;

namespace DropoutLab.Tests.Backends;

/// <summary>
/// Layers that have an input or an error signal in common: what is summed for one is not taken for the other's.
/// </summary>
public sealed class SharedSignalTests
{
    private static readonly ImageShape Images = new(7, 6, 3);

    private static readonly Dictionary<string, Func<NetworkBuilder, Value, Value>> Bodies = new()
    {
        ["a normalisation beside a layer"] = (builder, h) =>
            Add(new BatchNorm("norm2").Apply(builder, Convolution(builder, "conv2", h, bias: false)),
                new BatchNorm("norm1").Apply(builder, h)),
        ["two normalisations of one input"] = (builder, h) =>
            Add(new BatchNorm("norm1").Apply(builder, h), new BatchNorm("norm2").Apply(builder, h)),
        ["two convolutions with biases"] = (builder, h) =>
            Add(Convolution(builder, "conv1", h, bias: true), Convolution(builder, "conv2", h, bias: true)),
        ["one of two with a bias"] = (builder, h) =>
            Add(Convolution(builder, "conv1", h, bias: false), Convolution(builder, "conv2", h, bias: true)),
        ["two linear layers"] = (builder, h) =>
            Add(new Linear("fc1", 8).Apply(builder, h), new Linear("fc2", 8).Apply(builder, h)),
        ["a linear layer beside a convolution without bias"] = (builder, h) =>
            Add(new Linear("fc", h.Shape.CountPerDatum).Apply(builder, h), Flatten(Convolution(builder, "conv", h, bias: false))),
        ["a convolution beside a linear layer without bias"] = (builder, h) =>
            Add(Flatten(Convolution(builder, "conv", h, bias: true)),
                Linear(builder, "fc", h, Weight(builder, h.Shape.CountPerDatum, h), bias: null)),
        ["three layers of one weight, of fewer outputs than data"] = (builder, h) => ThreeOfOneWeight(builder, h, outputs: 5),
        ["three layers of one weight, of more outputs than data"] = (builder, h) => ThreeOfOneWeight(builder, h, outputs: 40),
        ["two normalisations of one scale and shift"] = TwoOfOneScale,
        ["a weight that is a sum"] = (builder, h) =>
        {
            Value weight = Weight(builder, 30, h);
            return Linear(builder, "fc", h, Add(weight, Add(weight, weight)), bias: null);
        },
        ["two maxima of the same windows"] = (builder, h) => Add(MaxPool(h, 3, 2), Relu(MaxPool(h, 3, 2))),
        ["a maximum beside a layer on the same one"] = (builder, h) =>
            Add(MaxPool(h, 3, 2), Relu(Convolution(builder, "conv", MaxPool(h, 3, 2), bias: true))),
        ["maxima of one value in two shapes"] = (builder, h) =>
            Add(Flatten(MaxPool(h, 2, 2)),
                Flatten(MaxPool(Reshape(h, new Shape(h.Shape[0], h.Shape[2], h.Shape[1], h.Shape[3])), 2, 2))),
        ["one value twice"] = (builder, h) => Convolution(builder, "conv", Add(h, h), bias: true),
        ["two rectifications of one sum"] = (builder, h) =>
        {
            Value sum = Convolution(builder, "conv", h, bias: true);
            return Add(
                Convolution(builder, "left", Relu(sum), bias: true), Convolution(builder, "right", Relu(sum), bias: false));
        },
    };

    public static MatrixTheoryData<string, int, string> Cases { get; } =
        new(Bodies.Keys, [6, 16], ["none", "standard:0.4", "augmented:0.4/0.2"]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void GradientsAreThoseOfTheReference(string name, int channels, string rule)
    {
        using OneDnnBackend onednn = TestBackends.OneDnn();
        Network network = new("shared", Images, 4, (builder, images) =>
        {
            Value first = new Conv2d("first", channels, KernelSize: 3) { Padding = 1 }.Apply(builder, images);
            return new Linear("last", 4).Apply(builder, Relu(Bodies[name](builder, first)));
        });
        using Backend reference = TestBackends.Reference();
        Dictionary<string, double[]> expected = StepGradients.Of(reference, network, Precision.Float64, rule);
        Dictionary<string, double[]> found = StepGradients.Of(onednn, network, Precision.Float32, rule);
        // A bias before a normalisation moves nothing: its gradient is 0 but for rounding.
        foreach ((string parameter, double[] gradient) in expected.Where(
            pair => pair.Value.Any(value => Math.Abs(value) > 1e-12)))
            Assert.True(TestBackends.RelativeDistance(gradient, found[parameter]) < 2e-5,
                $"{parameter}: {TestBackends.RelativeDistance(gradient, found[parameter])}");
    }

    private static Value ThreeOfOneWeight(NetworkBuilder builder, Value h, int outputs)
    {
        Value weight = Weight(builder, outputs, h), bias = builder.Parameter(new Parameter("tied.bias", new Shape(outputs), 0));
        return Add(
            Add(Linear(builder, "a", h, weight, bias), Linear(builder, "b", Relu(h), weight, bias)),
            Linear(builder, "c", Convolution(builder, "conv", h, bias: true), weight, bias));
    }

    private static Value TwoOfOneScale(NetworkBuilder builder, Value h)
    {
        Shape channels = new(h.Shape[3]);
        Value scale = builder.Parameter(new Parameter("scale", channels, 0, InitialMean: 1)),
            shift = builder.Parameter(new Parameter("shift", channels, 0));
        Value Normalised(Value x) => ChannelNorm(x, BatchMean(x), BatchVariance(x), scale, shift, 1e-5);
        return Add(Normalised(Convolution(builder, "conv1", h, bias: false)),
            Normalised(Convolution(builder, "conv2", Relu(h), bias: false)));
    }

    private static Value Weight(NetworkBuilder builder, int outputs, Value h) =>
        builder.Parameter(new Parameter("weight", new Shape(outputs, h.Shape.CountPerDatum), 0.1));

    private static Value Linear(NetworkBuilder builder, string name, Value h, Value weight, Value? bias) =>
        builder.WeightLayer(name, Flatten(h), views => Operations.LinearMap(views, weight, bias));

    private static Value Convolution(NetworkBuilder builder, string name, Value h, bool bias) =>
        new Conv2d(name, h.Shape[3], KernelSize: 3) { Padding = 1, HasBias = bias }.Apply(builder, h);
}
