using DropoutLab.Backends;
using DropoutLab.Dropout;

namespace DropoutLab.Training;

/// <summary>Everything that a training run's result depends on besides the network, the data, the machine and its threads.</summary>
/// <remarks>
/// The defaults are Caffe's for ConvNet-Quick, whose pixels are bytes that are not scaled. For other networks
/// <see cref="ModelRecipe.Defaults"/> of <c>ModelRecipe.Find("mlp")</c> is a better start.
/// </remarks>
public sealed record TrainingOptions
{
    /// <summary>Rule, sites and sharing of the masks.</summary>
    public DropoutSettings Dropout { get; init; } = DropoutSettings.None;

    /// <summary>Passes over the training set.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Images of a training step; the last of an epoch may have fewer.</summary>
    public int BatchSize { get; init; } = 100;

    /// <summary>The base rate, which <see cref="Schedule"/> turns into each step's η.</summary>
    public double LearningRate { get; init; } = 0.001;

    /// <summary>μ.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>λ.</summary>
    public double WeightDecay { get; init; } = 0.004;

    /// <summary>How η changes over the steps.</summary>
    public LearningRateSchedule Schedule { get; init; } = StepDecay.Quick;

    /// <summary>How pixels become the input.</summary>
    public PixelScaling PixelScaling { get; init; } = PixelScaling.MeanImage;

    /// <summary>What is changed at random in the images that are trained on.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.None;

    /// <summary>What initial weights, the order of the data, the masks and the augmentation are functions of.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>What the step computes in; null for what is fastest on the machine.</summary>
    public Precision? Precision { get; init; }

    /// <summary>Checks that every number is one that training can run with.</summary>
    /// <exception cref="DropoutLabException">One is not.</exception>
    public void Validate()
    {
        if (Epochs < 1)
            throw new DropoutLabException($"the number of epochs must be at least 1, not {Epochs}");
        if (BatchSize is < 1 or > 65_536)
            throw new DropoutLabException($"the batch size must be from 1 to 65536, not {BatchSize}");
        if (!(LearningRate > 0) || double.IsInfinity(LearningRate))
            throw new DropoutLabException($"the learning rate must be a positive number, not {LearningRate}");
        if (!(Momentum is >= 0 and < 1))
            throw new DropoutLabException($"the momentum must be in [0, 1), not {Momentum}");
        if (!(WeightDecay >= 0) || double.IsInfinity(WeightDecay))
            throw new DropoutLabException($"the weight decay must be at least 0, not {WeightDecay}");
        Schedule.Validate();
    }
}
