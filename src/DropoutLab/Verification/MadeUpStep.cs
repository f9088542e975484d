using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Models;

namespace DropoutLab.Verification;

/// <summary>
/// Images and parameters that are the same on every machine, and that bfloat16 holds exactly, so that no precision begins with a
/// rounding. Initial parameters would not do: zero biases and weights near 0 hide mistakes.
/// </summary>
internal static class MadeUpStep
{
    /// <summary><see cref="MadeUpInput"/>, rounded to bfloat16; the labels are 0, 1, 2, …, so that no class is missing.</summary>
    public static StepInput For(Network network, int batchSize, ulong seed, uint step)
    {
        StepInput made = MadeUpInput.Minibatch(network, batchSize, seed, step);
        return made with
        {
            Images = Rounded(made.Images),
            Labels = [.. Enumerable.Range(0, batchSize).Select(datum => datum % network.ClassCount)],
            Parameters = MadeUpInput.Parameters(network, seed).ToDictionary(parameter => parameter.Key, parameter => Rounded(parameter.Value)),
        };
    }

    private static double[] Rounded(double[] values) =>
        Array.ConvertAll(values, value => (double)BFloat16Bits.ToSingle(BFloat16Bits.FromSingle((float)value)));
}
