using DropoutLab.Graph;
using DropoutLab.Layers;
using static DropoutLab.Graph.Operations;

namespace DropoutLab.Models;

/// <summary>
/// The residual networks for CIFAR of 6n + 2 weight layers: a 3×3 convolution to 16 channels, three stages of n blocks with 16,
/// 32 and 64 channels on images of 32, 16 and 8 pixels, the mean over the image, and a linear layer.
/// <code>
/// block(h) = max(h′ + norm(conv(max(norm(conv(h)), 0))), 0)
/// </code>
/// h′ is h itself, and in a stage's first block, whose first convolution has stride 2, every other pixel of h with zeros in the
/// new channels (option A, without parameters). Convolutions are 3×3 with padding 1 and no biases, initialised after He; dropout
/// sites are the inputs of all convolutions and of the linear layer, named conv1, stageS.blockB.conv1 or 2, and fc.
/// Source: He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", 2015, section 4.2.
/// </summary>
public static class ResNet
{
    internal const string LastLayer = "fc";

    /// <summary>The network of a depth.</summary>
    /// <param name="depth">6n + 2: 20, 32, 44, 56, 110 …</param>
    /// <param name="width">What the numbers of channels 16, 32 and 64 are multiplied with.</param>
    /// <param name="input">What one image is.</param>
    /// <param name="classCount">The number of logits.</param>
    /// <exception cref="DropoutLabException">The depth is not 6n + 2, or the width is below 1.</exception>
    public static Network Create(int depth, int width, ImageShape input, int classCount)
    {
        CheckSize(depth, width);
        return new Network(Name(depth, width), input, classCount,
            (builder, images) => Define(builder, images, (depth - 2) / 6, width, classCount));
    }

    internal static string Name(int depth, int width) => width == 1 ? $"resnet{depth}" : $"resnet{depth}x{width}";

    internal static void CheckSize(int depth, int width)
    {
        if (depth < 8 || depth % 6 != 2)
            throw new DropoutLabException($"a ResNet for small images has 6n + 2 layers: 20, 32, 44, 56, 110 …; not {depth}");
        if (width < 1)
            throw new DropoutLabException($"a ResNet's width factor must be at least 1, not {width}");
    }

    private static Value Define(NetworkBuilder builder, Value images, int blocks, int width, int classCount)
    {
        Value h = Relu(Normalised(builder, "conv1", images, 16 * width, stride: 1));
        for (int stage = 1; stage <= 3; stage++)
        {
            for (int block = 1; block <= blocks; block++)
                h = Block(builder, $"stage{stage}.block{block}", h, 16 * width << (stage - 1), stage > 1 && block == 1 ? 2 : 1);
        }

        return new Linear(LastLayer, classCount).Apply(builder, GlobalAveragePool(h));
    }

    private static Value Block(NetworkBuilder builder, string name, Value h, int channels, int stride)
    {
        Value inner = Relu(Normalised(builder, $"{name}.conv1", h, channels, stride));
        Value outer = Normalised(builder, $"{name}.conv2", inner, channels, stride: 1);
        Value shortcut = stride == 1 && h.Shape[3] == channels ? h : Subsample(h, stride, channels);
        return Relu(Add(outer, shortcut));
    }

    private static Value Normalised(NetworkBuilder builder, string name, Value h, int channels, int stride)
    {
        Value z = new Conv2d(name, channels, KernelSize: 3) { Stride = stride, Padding = 1, HasBias = false }.Apply(builder, h);
        return new BatchNorm($"{name}.norm").Apply(builder, z);
    }
}
