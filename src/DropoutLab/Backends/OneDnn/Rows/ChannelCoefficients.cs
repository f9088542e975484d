using System.Numerics;

namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>
/// A number for each channel, repeated until the repetitions fill whole vectors, so that a row of pixels of any number of
/// channels can be gone through vector by vector.
/// </summary>
internal sealed class ChannelCoefficients(int channels)
{
    private const int Lanes = 8;

    private readonly float[] values = new float[Period(channels)];

    /// <summary>
    /// Numbers after which they repeat and a vector ends: the least common multiple of the channels and a vector's length.
    /// </summary>
    public static int Period(int channels) => channels * (Lanes / (int)BigInteger.GreatestCommonDivisor(channels, Lanes));

    public ReadOnlySpan<float> Values => values;

    public void Set(int channel, double value)
    {
        for (int i = channel; i < values.Length; i += channels)
            values[i] = (float)value;
    }
}
