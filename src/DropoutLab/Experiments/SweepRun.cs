using DropoutLab.Runs;

namespace DropoutLab.Experiments;

/// <summary>One training of a sweep.</summary>
/// <param name="Cell">What is trained.</param>
/// <param name="Seed">With which seed.</param>
public sealed record SweepRun(SweepCell Cell, ulong Seed)
{
    /// <summary>The name of the run's folder, as in standard-0.3-s1.</summary>
    public string Name => $"{Cell.Name}-s{Seed}";

    /// <summary>What config.json should say.</summary>
    public RunConfiguration Configuration => Cell.Configuration with { Seed = Seed };
}
