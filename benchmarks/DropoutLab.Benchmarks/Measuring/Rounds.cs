using System.Diagnostics;

namespace DropoutLab.Benchmarks.Measuring;

/// <summary>
/// Times of several works, taken in turn, round after round: what slows a round down slows all of them down, and leaves the
/// ratios within it. Every other round goes backwards, so that each work follows upon either neighbour.
/// </summary>
internal sealed class Rounds
{
    private const int FewestToWarmUp = 3;
    private static readonly TimeSpan LeastToWarmUp = TimeSpan.FromSeconds(1);

    private readonly double[][] times;

    private Rounds(int works, int count) => times = [.. Enumerable.Range(0, works).Select(_ => new double[count])];

    /// <summary>Measures.</summary>
    /// <param name="works">Each runs once a round and says what it took, in any unit.</param>
    /// <param name="count">How many rounds.</param>
    public static Rounds Measure(IReadOnlyList<Func<double>> works, int count)
    {
        Rounds measured = new(works.Count, count);
        for (int round = 0; round < count; round++)
        {
            for (int i = 0; i < works.Count; i++)
            {
                int work = round % 2 == 0 ? i : works.Count - 1 - i;
                measured.times[work][round] = works[work]();
            }
        }

        return measured;
    }

    /// <summary>Runs the works in turn until the caches are full of them and the compiler has optimised what they call.</summary>
    public static void WarmUp(IReadOnlyList<Action> works)
    {
        long start = Stopwatch.GetTimestamp();
        for (int round = 0; round < FewestToWarmUp || Stopwatch.GetElapsedTime(start) < LeastToWarmUp; round++)
        {
            foreach (Action work in works)
                work();
        }
    }

    /// <summary>What a work took.</summary>
    public Spread Times(int work) => Spread.Of(times[work]);

    /// <summary>How many times as long as another a work took, within each round.</summary>
    public Spread Ratio(int work, int other) => Spread.Of(times[work].Zip(times[other], (one, reference) => one / reference));
}
