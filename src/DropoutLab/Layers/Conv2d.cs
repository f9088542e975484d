using DropoutLab.Graph;

namespace DropoutLab.Layers;

/// <summary>
/// A convolutional layer: z[n, y, x, o] = b[o] + Σ_{i,u,v} h[n, y·s + u − p, x·s + v − p, i] W[o, i, u, v].
/// Input [N, H, W, I], output [N, ⌊(H + 2p − K)/s⌋ + 1, ⌊(W + 2p − K)/s⌋ + 1, O]; parameters NAME.weight [O, I, K, K] (OIHW) and
/// NAME.bias [O].
/// </summary>
/// <param name="Name">The layer's name, and its dropout site's.</param>
/// <param name="OutputChannels">O.</param>
/// <param name="KernelSize">K.</param>
public sealed record Conv2d(string Name, int OutputChannels, int KernelSize)
{
    /// <summary>s, pixels from one window to the next along either axis, at least 1.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>Pixels of zeros added on every side.</summary>
    public int Padding { get; init; }

    /// <summary>
    /// The standard deviation of the initial weights; by default √(2/(I·K²)), He's, which keeps the variance through ReLU.
    /// </summary>
    public double? WeightStandardDeviation { get; init; }

    /// <summary>Whether there is a b.</summary>
    public bool HasBias { get; init; } = true;

    /// <summary>What the learning rate is multiplied with for b.</summary>
    public double BiasRateFactor { get; init; } = 1;

    /// <summary>z of its input h.</summary>
    /// <param name="builder">Takes its parameters and its site.</param>
    /// <param name="h">[N, H, W, I].</param>
    /// <exception cref="DropoutLabException">h is no image, or the kernel does not fit it.</exception>
    public Value Apply(NetworkBuilder builder, Value h)
    {
        if (h.Shape.Rank != 4)
            throw new DropoutLabException($"layer {Name} takes images [N, H, W, C], not {h.Shape}");
        int inputs = h.Shape[3];
        double deviation = WeightStandardDeviation ?? Math.Sqrt(2.0 / (inputs * KernelSize * KernelSize));
        Value weight = builder.Parameter(
            new($"{Name}.weight", new Shape(OutputChannels, inputs, KernelSize, KernelSize), deviation));
        Value? bias = HasBias ? builder.Parameter(new($"{Name}.bias", new Shape(OutputChannels), 0, BiasRateFactor)) : null;
        return builder.WeightLayer(Name, h, views => Operations.Convolution(views, weight, bias, Stride, Padding));
    }
}
