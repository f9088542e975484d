using DropoutLab.Backends;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Training;

namespace DropoutLab.Recipes;

/// <summary>Steps of a classifier of images, on made-up ones.</summary>
public static class ImageSteps
{
    /// <summary>
    /// The steps to measure, by the objective <see cref="CrossEntropy"/> and the optimiser that <see cref="TrainingOptions"/>
    /// has.
    /// </summary>
    /// <param name="network">A network whose input is [H, W, C].</param>
    /// <param name="backend">What computes.</param>
    /// <param name="precision">What it computes in.</param>
    /// <param name="dropout">Rule, sites and sharing.</param>
    /// <param name="batchSize">Images of a step.</param>
    public static StepBenchmark Of(Network network, Backend backend, Precision precision, DropoutSettings dropout, int batchSize)
    {
        ReadOnlySpan<int> axes = network.Input.Datum.Axes;
        ImageBatches images = ImageBatches.MadeUp(new ImageShape(axes[0], axes[1], axes[2]), network.OutputCount, batchSize);
        return new StepBenchmark(
            network, new CrossEntropy(), images, new TrainingOptions { Dropout = dropout }, backend, precision);
    }
}
