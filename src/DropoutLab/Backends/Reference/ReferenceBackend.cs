using DropoutLab.Backends.Threading;

namespace DropoutLab.Backends.Reference;

/// <summary>
/// Plain loops in 32 or 64 bits with nothing native: runs wherever .NET runs, and is what the fast kernels are held against.
/// </summary>
public sealed class ReferenceBackend : Backend
{
    /// <param name="threads">How many threads the loops share; the number of processors by default.</param>
    public ReferenceBackend(int? threads = null)
    {
        Team = new ManagedThreadTeam(threads ?? Environment.ProcessorCount);
    }

    /// <inheritdoc/>
    public override string Name => "reference";

    /// <inheritdoc/>
    public override string Description => $"plain loops in C#, threads: {Team.ThreadCount}";

    /// <inheritdoc/>
    public override Precision PreferredPrecision => Precision.Float32;

    internal override ThreadTeam Team { get; }

    /// <inheritdoc/>
    public override bool Supports(Precision precision) => precision is Precision.Float32 or Precision.Float64;

    /// <inheritdoc/>
    public override void Dispose()
    {
        Team.Dispose();
        base.Dispose();
    }

    internal override void Lower(PlanRequest request, PlanBuilder builder)
    {
        if (builder.Precision == Precision.Float64)
            new ReferenceLowering<double>(builder, Team).Lower(request.Order());
        else
            new ReferenceLowering<float>(builder, Team).Lower(request.Order());
    }
}
