using DropoutLab.Backends;
using DropoutLab.Backends.Threading;
using DropoutLab.Benchmarks.Measuring;
using DropoutLab.Dropout;

namespace DropoutLab.Benchmarks.Masks;

/// <summary>Measures the mask kernels against copying, all in turn over the same memory.</summary>
/// <param name="bytes">Of the array that is dropped from: many times the caches.</param>
/// <param name="ratios">The drop probabilities.</param>
/// <param name="roundCount">How many passes of each.</param>
internal sealed class MaskBenchmark(long bytes, IReadOnlyList<double> ratios, int roundCount)
{
    private const double BitsBytes = 1.0 / 8;

    /// <summary>Measures on one team, in one type, for one length of the rows.</summary>
    public IReadOnlyList<MaskResult> Run(ThreadTeam team, Precision precision, int features)
    {
        using MaskMemory memory = new(precision, features, bytes);
        MaskPass[] passes = [.. Passes(memory, team)];
        Rounds.WarmUp([.. passes.Select(pass => (Action)pass.Kernel.Run)]);
        Rounds rounds = Rounds.Measure([.. passes.Select(pass => (Func<double>)pass.Time)], roundCount);
        return [.. passes.Select((pass, i) => Result(pass, rounds.Times(i), rounds.Ratio(0, i).Median))];

        MaskResult Result(MaskPass pass, Spread times, double speedOfCopying)
        {
            double median = times.Median / memory.Elements;
            return new MaskResult(
                pass.Name, pass.DropProbability, precision.ShortName(), features, team.ThreadCount, memory.Elements,
                median, times.P10 / memory.Elements, times.P90 / memory.Elements, pass.BytesPerElement / median, speedOfCopying);
        }
    }

    private IEnumerable<MaskPass> Passes(MaskMemory memory, ThreadTeam team)
    {
        double copied = 2 * memory.ElementBytes;
        yield return new MaskPass("copy", null, copied, memory.Copy(team));
        foreach (double ratio in ratios)
        {
            // A product follows upon the draw whose bits it reads: upon draw, or in backward rounds upon draw-multiply.
            MaskStream stream = new(seed: 1, layer: 1, which: 0, step: 0, ratio);
            yield return new MaskPass("draw", ratio, BitsBytes, memory.Draw(team, stream));
            yield return new MaskPass("multiply", ratio, copied + BitsBytes, memory.Multiply(team, (float)stream.Scale));
            yield return new MaskPass("draw-multiply", ratio, copied + BitsBytes, memory.DrawMultiply(team, stream));
        }
    }
}
