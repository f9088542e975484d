using DropoutLab.Objectives;
using DropoutLab.Training;

namespace DropoutLab.Tests.Experiments;

/// <summary>An epoch of a classifier of images.</summary>
internal static class MadeUpEpoch
{
    public static EpochMetrics Of(
        int epoch, double trainLoss, double testLoss, double testAccuracy, double imagesPerSecond, double learningRate,
        double seconds) => new(
        epoch, trainLoss,
        new Dictionary<string, double> { [Objective.Loss] = testLoss, [CrossEntropy.Accuracy] = testAccuracy }, "images",
        imagesPerSecond, learningRate, seconds);
}
