using DropoutLab.Backends;

namespace DropoutLab.Cli.Options;

/// <summary>What computes.</summary>
/// <param name="Backend">Disposed with this.</param>
/// <param name="Precision">In what; the backend supports it.</param>
/// <param name="Threads">On how many threads.</param>
/// <param name="Advice">One line where something would make it faster, else null.</param>
internal sealed record Compute(Backend Backend, Precision Precision, int Threads, string? Advice) : IDisposable
{
    /// <summary>As in "f32 on oneDNN 2.6.3, avx2".</summary>
    public override string ToString() => $"{Precision.ShortName()} on {Backend.Description}";

    public void Dispose() => Backend.Dispose();
}
