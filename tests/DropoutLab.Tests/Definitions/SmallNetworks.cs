using DropoutLab.Layers;
using DropoutLab.Models;
using static DropoutLab.Graph.Operations;

namespace DropoutLab.Tests.Definitions;

/// <summary>Networks small enough for finite differences, with a dropout site inside.</summary>
internal static class SmallNetworks
{
    /// <summary>Each of four networks' names with each of some rules.</summary>
    public static TheoryData<string, string> With(IEnumerable<string> rules) =>
        new(from network in (string[])["dense", "convolutional", "wide", "residual"] from rule in rules select (network, rule));

    public static Network Dense { get; } = new("dense", new ImageShape(3, 2, 2), 4, (builder, images) =>
    {
        var h = Relu(new Linear("fc1", 7).Apply(builder, images));
        h = Relu(new Linear("fc2", 5).Apply(builder, h));
        return new Linear("fc3", 4).Apply(builder, h);
    });

    public static ImageShape ConvolutionalInput { get; } = new(7, 6, 3);

    public static Network Convolutional { get; } = new("convolutional", ConvolutionalInput, 4, (builder, images) =>
    {
        var h = Relu(MaxPool(new Conv2d("conv1", 5, 3) { Padding = 1 }.Apply(builder, images), 3, 2));
        h = AveragePool(Relu(new Conv2d("conv2", 6, 3) { Padding = 1 }.Apply(builder, h)), 2, 1);
        h = Relu(new Conv2d("conv3", 9, 2) { Stride = 2, Padding = 1 }.Apply(builder, h));
        return new Linear("fc1", 4).Apply(builder, h);
    });

    /// <summary>Wide enough for the convolutions by transformed tiles.</summary>
    public static Network Wide { get; } = new("wide", new ImageShape(9, 10, 3), 4, (builder, images) =>
    {
        var h = Relu(new Conv2d("conv1", 16, 5) { Padding = 2 }.Apply(builder, images));
        h = Relu(new Conv2d("conv2", 32, 5) { Padding = 2 }.Apply(builder, h));
        h = Relu(AveragePool(new Conv2d("conv3", 16, 5) { Padding = 1 }.Apply(builder, h), 3, 2));
        return new Linear("fc1", 4).Apply(builder, h);
    });

    /// <summary>Two blocks as ResNets have them: batch normalisation behind every convolution, both kinds of shortcut.</summary>
    public static Network Residual { get; } = new("residual", new ImageShape(6, 5, 3), 4, (builder, images) =>
    {
        var h = Relu(Normalised(builder, "conv1", images, 5));
        h = Relu(Add(Normalised(builder, "conv3", Relu(Normalised(builder, "conv2", h, 5)), 5), h));
        h = Relu(Add(Normalised(builder, "conv5", Relu(Normalised(builder, "conv4", h, 7, stride: 2)), 7), Subsample(h, 2, 7)));
        return new Linear("fc1", 4).Apply(builder, AveragePool(h, 3, 3));
    });

    public static Network ByName(string name) => name switch
    {
        "dense" => Dense,
        "wide" => Wide,
        "residual" => Residual,
        _ => Convolutional,
    };

    private static DropoutLab.Graph.Value Normalised(
        NetworkBuilder builder, string name, DropoutLab.Graph.Value h, int channels, int stride = 1) =>
        new BatchNorm($"{name}.norm")
            .Apply(builder, new Conv2d(name, channels, 3) { Stride = stride, Padding = 1, HasBias = false }.Apply(builder, h));
}
