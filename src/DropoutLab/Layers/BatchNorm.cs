using DropoutLab.Graph;

namespace DropoutLab.Layers;

/// <summary>
/// Batch normalisation: y = γ (x − μ)/√(σ² + ε) + β, channel by channel. In training μ and σ² are the batch's mean and (biased)
/// variance, and their running averages are kept; in evaluation they are those averages.
/// Input and output [N, H, W, C], or [N, C], where a channel is a feature; parameters NAME.scale (γ, at first 1) and NAME.shift
/// (β, at first 0), running averages NAME.running_mean (at first 0) and NAME.running_variance (at first 1; of M/(M − 1) σ², M
/// being N·H·W, or N), all [C]. Of a single value (M = 1) there is no variance: a training step on one is refused when it is
/// compiled. Source: Ioffe and Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate
/// Shift", 2015.
/// </summary>
/// <param name="Name">The layer's name.</param>
public sealed record BatchNorm(string Name)
{
    /// <summary>ε.</summary>
    public double Epsilon { get; init; } = 1e-5;

    /// <summary>A step's part in the running averages.</summary>
    public double Momentum { get; init; } = 0.1;

    /// <summary>y of x.</summary>
    /// <exception cref="DropoutLabException">
    /// x has two views, as behind dropout: the statistics of one are not those of the other.
    /// </exception>
    public Value Apply(NetworkBuilder builder, Value x)
    {
        RequireSensible();
        if (x.Operator is Graph.Operators.TwoPass)
            throw new DropoutLabException(
                $"layer {Name}: what is normalised cannot have two views; apply dropout behind the normalisation, or in front of "
                    + "the layer before");
        Shape channels = new(x.Shape[x.Shape.Rank - 1]);
        Value scale = builder.Parameter(new($"{Name}.scale", channels, 0, InitialMean: 1));
        Value shift = builder.Parameter(new($"{Name}.shift", channels, 0));
        double count = (double)(x.Shape.CountPerDatum / channels.Count) * (builder.MinibatchSize ?? x.Shape[0]);
        Value mean = builder.Statistic(
            $"{Name}.running_mean", Operations.BatchMean(x), initial: 0, Momentum, correction: 1);
        Value variance = builder.Statistic(
            $"{Name}.running_variance", Operations.BatchVariance(x), initial: 1, Momentum,
            correction: count / Math.Max(count - 1, 1));
        return Operations.ChannelNorm(x, mean, variance, scale, shift, Epsilon);
    }

    private void RequireSensible()
    {
        if (!(Epsilon > 0) || !double.IsFinite(Epsilon))
            throw new DropoutLabException($"layer {Name}: Epsilon must be a positive number, not {Epsilon}");
        if (!(Momentum > 0 && Momentum <= 1))
            throw new DropoutLabException($"layer {Name}: Momentum must be above 0 and at most 1, not {Momentum}");
    }
}
