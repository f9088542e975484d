using DropoutLab.Random;

namespace DropoutLab.Explanations;

/// <summary>
/// The numbers of an example, functions of the seed: multiples of 0.1, none of them 0, so that a reader can recompute with them
/// and sees no zero but those that dropout makes.
/// </summary>
internal sealed class ExampleData(ulong seed)
{
    // The example's arrays draw like initial weights, as layers with numbers that no network reaches.
    private const int FirstLayer = 60_000;

    /// <summary>From −<paramref name="largest"/> to −1 and from 1 to <paramref name="largest"/> tenths.</summary>
    public double[] Signed(ExampleArray array, int count, int largest) =>
        [.. Whole(array, count, 2 * largest).Select(k => (k < largest ? k - largest : k - largest + 1) / 10.0)];

    /// <summary>From 1 to <paramref name="largest"/> tenths.</summary>
    public double[] Positive(ExampleArray array, int count, int largest) =>
        [.. Whole(array, count, largest).Select(k => (k + 1) / 10.0)];

    public int[] Labels(int count, int classes) => Whole(ExampleArray.Labels, count, classes);

    private int[] Whole(ExampleArray array, int count, int bound)
    {
        float[] uniform = new float[count];
        new RandomFunction(seed).FillUniform(uniform, FirstLayer + (int)array, 0, 1);
        return [.. uniform.Select(u => Math.Min((int)(u * bound), bound - 1))];
    }
}

/// <summary>The arrays of an example that are drawn, each from numbers of its own.</summary>
internal enum ExampleArray
{
    Images,
    Labels,
    Weight,
    Bias,
    HiddenImages,
    HiddenWeight,
    HiddenBias,
    OutputWeight,
    OutputBias,
}
