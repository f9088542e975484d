using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Random;

namespace DropoutLab.Verification;

/// <summary>
/// Images and parameters that are the same on every machine, and that bfloat16 holds exactly, so that no precision begins with a
/// rounding. Initial parameters would not do: zero biases and weights near 0 hide mistakes.
/// </summary>
internal static class MadeUpStep
{
    private const double BiasStandardDeviation = 0.1;

    /// <summary>
    /// Standard normal images, labels 0, 1, 2, …, weights of the standard deviation √(2 / inputs), which keeps the size of signals
    /// through the layers, and biases that are not 0.
    /// </summary>
    public static StepInput For(Network network, int batchSize, ulong seed, uint step)
    {
        RandomFunction random = new(seed);
        Dictionary<string, double[]> parameters = [];
        foreach (Parameter parameter in network.Parameters)
            parameters.Add(parameter.Name, Numbers(random, parameters.Count, parameter.Shape.Count, StandardDeviation(parameter.Shape)));
        ImageShape image = network.Input;
        return new StepInput(
            Numbers(random, parameters.Count, batchSize * image.Height * image.Width * image.Channels, 1),
            [.. Enumerable.Range(0, batchSize).Select(datum => datum % network.ClassCount)], seed, step, parameters);
    }

    private static double StandardDeviation(Shape shape) => shape.Rank == 1 ? BiasStandardDeviation : Math.Sqrt(2.0 / shape.CountPerDatum);

    private static double[] Numbers(RandomFunction random, int number, int count, double standardDeviation)
    {
        float[] values = new float[count];
        random.FillGaussian(values, number, standardDeviation);
        return Array.ConvertAll(values, value => (double)BFloat16Bits.ToSingle(BFloat16Bits.FromSingle(value)));
    }
}
