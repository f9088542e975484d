using DropoutLab.Backends;
using DropoutLab.Runs;

namespace DropoutLab.Cli.Options;

/// <summary>What computes.</summary>
/// <param name="Backend">Disposed with this.</param>
/// <param name="Precision">In what; the backend supports it.</param>
/// <param name="Advice">One line where something would make it faster, else null.</param>
internal sealed record Compute(Backend Backend, Precision Precision, string? Advice) : IDisposable
{
    /// <summary>On how many threads: what was granted of those asked for.</summary>
    public int Threads => Backend.ThreadCount;

    /// <summary>As in "f32 on oneDNN 2.6.3, avx2".</summary>
    public override string ToString() => $"{Precision.ShortName()} on {Backend.Description}";

    /// <summary>
    /// A run goes on to the same weights on as many threads as it began with. What the user asks for otherwise, the run itself
    /// refuses.
    /// </summary>
    /// <exception cref="DropoutLabException">Fewer are granted.</exception>
    public void RequireThreadsOf(RunConfiguration? run)
    {
        if (run is not null && Threads < run.Threads && Advice is not null)
            throw new DropoutLabException($"the run was begun on {run.Threads} threads, and cannot go on with fewer: {Advice}");
    }

    public void Dispose() => Backend.Dispose();
}
