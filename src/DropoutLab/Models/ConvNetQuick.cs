using DropoutLab.Graph;
using DropoutLab.Layers;
using static DropoutLab.Graph.Operations;

namespace DropoutLab.Models;

/// <summary>
/// Caffe's CIFAR-10 "quick" network: conv 5×5, 32 → max-pool 3/2 → ReLU → conv 5×5, 32 → ReLU → average-pool 3/2 → conv 5×5, 64 →
/// ReLU → average-pool 3/2 → linear 64 → linear 10, with no ReLU between the linear layers. Initial weights are Gaussian with the
/// standard deviations 1e-4, 0.01, 0.01, 0.1, 0.1, biases are 0 and learn at twice the rate.
/// Source: Caffe, examples/cifar10, cifar10_quick; the network of the poster's Table 1.
/// </summary>
public static class ConvNetQuick
{
    /// <summary>The network for images of a size.</summary>
    /// <param name="input">Height, width and channels.</param>
    /// <param name="classCount">The logits.</param>
    public static Network Create(ImageShape input, int classCount) => new("convnet-quick", input, classCount, (builder, images) =>
    {
        Value h = Convolution("conv1", 32, 1e-4).Apply(builder, images);
        h = Relu(MaxPool(h, window: 3, stride: 2));
        h = Relu(Convolution("conv2", 32, 0.01).Apply(builder, h));
        h = AveragePool(h, window: 3, stride: 2);
        h = Relu(Convolution("conv3", 64, 0.01).Apply(builder, h));
        h = AveragePool(h, window: 3, stride: 2);
        h = new Linear("fc1", 64) { WeightStandardDeviation = 0.1, BiasRateFactor = 2 }.Apply(builder, h);
        return new Linear("fc2", classCount) { WeightStandardDeviation = 0.1, BiasRateFactor = 2 }.Apply(builder, h);
    });

    private static Conv2d Convolution(string name, int outputs, double deviation) =>
        new(name, outputs, KernelSize: 5) { Padding = 2, WeightStandardDeviation = deviation, BiasRateFactor = 2 };
}
