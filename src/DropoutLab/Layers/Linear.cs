using DropoutLab.Graph;

namespace DropoutLab.Layers;

/// <summary>
/// A fully connected layer: z = h Wᵀ + b. Input [N, I] (images are flattened in the order height, width, channel), output [N, O];
/// parameters NAME.weight [O, I] and NAME.bias [O].
/// </summary>
/// <param name="Name">The layer's name, and its dropout site's.</param>
/// <param name="Outputs">O.</param>
public sealed record Linear(string Name, int Outputs)
{
    /// <summary>
    /// The standard deviation of the initial weights; by default √(2/I), He's, which keeps the variance through ReLU.
    /// </summary>
    public double? WeightStandardDeviation { get; init; }

    /// <summary>Whether there is b.</summary>
    public bool HasBias { get; init; } = true;

    /// <summary>What the learning rate is multiplied with for b.</summary>
    public double BiasRateFactor { get; init; } = 1;

    /// <summary>z [N, O] of h [N, I].</summary>
    public Value Apply(NetworkBuilder builder, Value h)
    {
        Value flat = Operations.Flatten(h);
        int inputs = flat.Shape[1];
        double deviation = WeightStandardDeviation ?? Math.Sqrt(2.0 / inputs);
        Value weight = builder.Parameter(new($"{Name}.weight", new Shape(Outputs, inputs), deviation));
        Value? bias = HasBias ? builder.Parameter(new($"{Name}.bias", new Shape(Outputs), 0, BiasRateFactor)) : null;
        return builder.WeightLayer(Name, flat, views => Operations.LinearMap(views, weight, bias));
    }
}
