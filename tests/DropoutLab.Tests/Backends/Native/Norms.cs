namespace DropoutLab.Tests.Backends.Native;

/// <summary>Comparison with an oracle, and random values to compare on.</summary>
internal static class Norms
{
    /// <summary>Asserts ‖actual − expected‖ ≤ tolerance · ‖expected‖.</summary>
    public static void AssertNear(double[] expected, float[] actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        double error = 0.0;
        double norm = 0.0;
        for (int i = 0; i < expected.Length; i++)
        {
            error += Math.Pow(actual[i] - expected[i], 2);
            norm += Math.Pow(expected[i], 2);
        }

        Assert.True(norm > 0, $"{what}: the oracle is zero");
        Assert.True(
            Math.Sqrt(error) <= tolerance * Math.Sqrt(norm), $"{what}: off by {Math.Sqrt(error / norm):g3} of the norm");
    }

    public static float[] RandomValues(int length, int seed)
    {
        System.Random random = new System.Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (random.NextSingle() * 2) - 1)];
    }
}
