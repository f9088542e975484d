using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Optimization;

namespace DropoutLab.Training;

/// <summary>
/// Everything that a training run's result depends on besides the network, the data, the machine and its threads.
/// </summary>
/// <remarks>
/// The defaults are Caffe's for ConvNet-Quick. For other networks the options of a model's own recipe are a better start.
/// </remarks>
public sealed record TrainingOptions
{
    /// <summary>Rule, sites and sharing of the masks.</summary>
    public DropoutSettings Dropout { get; init; } = DropoutSettings.None;

    /// <summary>Passes over the training set.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Data of a training step; the last of an epoch may have fewer.</summary>
    public int BatchSize { get; init; } = 100;

    /// <summary>The base rate, which <see cref="Schedule"/> turns into each step's η.</summary>
    public double LearningRate { get; init; } = 0.001;

    /// <summary>How parameters follow their gradients.</summary>
    public Optimizer Optimizer { get; init; } = new Sgd(momentum: 0.9, weightDecay: 0.004);

    /// <summary>How η changes over the steps.</summary>
    public LearningRateSchedule Schedule { get; init; } = StepDecay.Quick;

    /// <summary>What batch normalisation is over where several processes train; nothing else depends on it.</summary>
    public BatchStatistics BatchStatistics { get; init; }

    /// <summary>What initial weights, the order of the data, the masks and the augmentation are functions of.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>What the step computes in; null for what is fastest on the machine.</summary>
    public Precision? Precision { get; init; }

    /// <summary>The name of a choice of <see cref="BatchStatistics"/> in configurations.</summary>
    public static string NameOf(BatchStatistics statistics) =>
        statistics == BatchStatistics.Global ? "global" : "local";

    /// <summary>The choice of a name.</summary>
    /// <exception cref="DropoutLabException">There is none.</exception>
    public static BatchStatistics ParseStatistics(string text) => text switch
    {
        "global" => BatchStatistics.Global,
        "local" => BatchStatistics.Local,
        _ => throw new DropoutLabException(
            $"there are no batch statistics '{text}': choose global or local", SettingName.BatchStatistics, text),
    };

    /// <summary>Checks that every number is one that training can run with.</summary>
    /// <exception cref="DropoutLabException">One is not.</exception>
    public void Validate()
    {
        if (Epochs < 1)
            throw new DropoutLabException($"the number of epochs must be at least 1, not {Epochs}", SettingName.Epochs, Epochs);
        if (BatchSize is < 1 or > 65_536)
            throw new DropoutLabException(
                $"the batch size must be from 1 to 65536, not {BatchSize}", SettingName.BatchSize, BatchSize);
        if (!(LearningRate > 0) || double.IsInfinity(LearningRate))
            throw new DropoutLabException(
                $"the learning rate must be a positive number, not {LearningRate}", SettingName.LearningRate, LearningRate);
        Optimizer.Validate();
        Schedule.Validate();
    }
}
