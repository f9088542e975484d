using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Training;

namespace DropoutLab.Classification;

/// <summary>
/// Tells when a training has collapsed: when what its network says has no more to do with the images. With s the shares of the
/// classes, who knows these alone has the loss H = −Σ s ln s in nats on the training images, and on the test images the accuracy
/// max s.
/// </summary>
/// <remarks>
/// An epoch has collapsed where its training loss is not below H, within 2%, and its test accuracy not above max s, within a
/// fifth, or where its loss is above 10 H. The first epoch is not judged unless it is the last, nor are the first 500 steps, nor
/// a network that has not left H yet: it may be slow to begin.
/// </remarks>
public sealed class CollapseWatch
{
    private const double NearlyEntropy = 0.02, NearlyShare = 1.2, FarAbove = 10;
    private const long FirstSteps = 500;

    private readonly Trainer trainer;
    private readonly double entropy, largestShare;
    private bool hasLeftEntropy, isTold;

    /// <param name="trainer">What trains; its epochs are told of from the next on.</param>
    public CollapseWatch(Trainer trainer)
    {
        this.trainer = trainer;
        entropy = -Shares(trainer.Data.Train).Sum(share => share * Math.Log(share));
        largestShare = Shares(trainer.Data.Test).Max();
    }

    /// <summary>Looks at an epoch that is done.</summary>
    /// <returns>One line that says so and what to try, the first time that the training has collapsed; else null.</returns>
    public string? Take(EpochMetrics epoch)
    {
        hasLeftEntropy |= Math.Abs(epoch.TrainLoss - entropy) > NearlyEntropy * entropy;
        if (isTold || !hasLeftEntropy || !IsJudged(epoch) || !IsCollapsed(epoch))
            return null;
        isTold = true;
        return $"collapsed: train loss {epoch.TrainLoss:g5} and test accuracy {epoch.TestAccuracy:f4} in epoch {epoch.Epoch}, "
            + $"where knowing nothing of the images gives {entropy:f4} and {largestShare:f4}; try {Remedies(trainer.Options)}";
    }

    private static string Remedies(TrainingOptions options) =>
        $"a learning rate below {options.LearningRate}" + (options.Dropout.IsPlain
            ? ""
            : $", a lower drop probability than that of {options.Dropout.Rule}, or dropout at fewer layers");

    private bool IsJudged(EpochMetrics epoch) =>
        (epoch.Epoch > 1 || trainer.Options.Epochs == 1) && (long)epoch.Epoch * trainer.StepsPerEpoch >= FirstSteps;

    private bool IsCollapsed(EpochMetrics epoch) => epoch.TrainLoss > FarAbove * entropy
        || (epoch.TrainLoss >= (1 - NearlyEntropy) * entropy && epoch.TestAccuracy <= NearlyShare * largestShare);

    /// <summary>Of the classes that there are; of other data than images nothing is known.</summary>
    private static IEnumerable<double> Shares(BatchSource data) => data is ImageBatches { Images: var images }
        ? images.Labels.ToArray().CountBy(label => label).Select(count => (double)count.Value / images.Count)
        : [double.NaN];
}
