using DropoutLab.Backends;
using DropoutLab.Cli.Machine;

namespace DropoutLab.Benchmarks.Measuring;

/// <summary>What a benchmark found, and with what; these names, in snake_case, are those of the JSON.</summary>
internal sealed record Report<TResult>(
    IReadOnlyDictionary<string, string> Environment, int Rounds, IReadOnlyList<TResult> Results)
{
    public Report(Backend backend, int rounds, IReadOnlyList<TResult> results)
        : this(RunEnvironment.Describe(backend), rounds, results)
    {
    }
}
