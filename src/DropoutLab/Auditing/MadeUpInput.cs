using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Random;

namespace DropoutLab.Auditing;

/// <summary>Minibatches and parameters that are a function of a seed alone.</summary>
public static class MadeUpInput
{
    private const double BiasStandardDeviation = 0.1;
    private const double UnitOf24Bits = 1.0 / (1 << 23);

    /// <summary>
    /// Images of independent numbers, uniform on the multiples of 2⁻²³ in [−1, 1), which 32 bits hold exactly, and labels of
    /// which each is as likely.
    /// </summary>
    public static StepInput Minibatch(Network network, int batchSize, ulong seed, uint step = 0)
    {
        RandomFunction random = new(seed);
        int imageSize = network.Input.Datum.Count;
        double[] images = new double[checked(batchSize * imageSize)];
        int[] labels = new int[batchSize];
        for (int datum = 0; datum < batchSize; datum++)
        {
            FillImage(images.AsSpan(datum * imageSize, imageSize), random, (uint)datum);
            labels[datum] = random.Below(
                network.OutputCount, new RandomStream(RandomPurpose.MadeUpData, which: 1), step: 0, (uint)datum);
        }

        return new StepInput(images, labels, seed, step);
    }

    /// <summary>
    /// Independent normal numbers for every parameter, none left at 0 as initial biases are: of variance 2 over the number of
    /// inputs for weights, of standard deviation 0.1 for biases and whatever else has one axis.
    /// </summary>
    public static IReadOnlyDictionary<string, double[]> Parameters(Network network, ulong seed)
    {
        RandomFunction random = new(seed);
        Dictionary<string, double[]> parameters = [];
        for (int i = 0; i < network.Parameters.Count; i++)
        {
            Shape shape = network.Parameters[i].Shape;
            float[] values = new float[shape.Count];
            random.FillGaussian(values, i, shape.Rank == 1 ? BiasStandardDeviation : Math.Sqrt(2.0 / shape.CountPerDatum));
            parameters.Add(network.Parameters[i].Name, Array.ConvertAll(values, value => (double)value));
        }

        return parameters;
    }

    private static void FillImage(Span<double> image, RandomFunction random, uint datum)
    {
        RandomStream stream = new(RandomPurpose.MadeUpData);
        for (int i = 0; i < image.Length; i++)
            image[i] = (random.Block(stream, step: 0, datum, (uint)i / 4)[i % 4] >> 8) * UnitOf24Bits - 1;
    }
}
