using System.Diagnostics.CodeAnalysis;
using DropoutLab.Backends.OneDnn.Native;
using DropoutLab.Backends.Threading;

namespace DropoutLab.Backends.OneDnn;

/// <summary>
/// oneDNN, found on the machine at run time, for convolutions and products, and SIMD kernels in C# on the same threads for all
/// else. In 32 bits, or bfloat16; the latter is fast where the processor has AMX, and elsewhere the same numbers slower.
/// </summary>
public sealed class OneDnnBackend : Backend
{
    private readonly OneDnnLibrary library;

    private OneDnnBackend(OneDnnLibrary library, int threads)
    {
        this.library = library;
        Team = (ThreadTeam?)OpenMpThreadTeam.TryCreate(library.Module, threads) ?? new ManagedThreadTeam(threads);
    }

    /// <inheritdoc/>
    public override string Name => "onednn";

    /// <inheritdoc/>
    public override string Description =>
        $"oneDNN {library.Version}, {library.InstructionSet}, {RuntimeName} threads: {Team.ThreadCount}";

    /// <inheritdoc/>
    public override Precision PreferredPrecision => library.HasTiles ? Precision.BFloat16 : Precision.Float32;

    internal override ThreadTeam Team { get; }

    private string RuntimeName => library.Runtime == CpuRuntime.OpenMp ? "OpenMP" : library.Runtime.ToString();

    /// <summary>Native objects that are alive; 0 once every plan is disposed, but for the library's engine and stream.</summary>
    internal int LiveHandles => library.LiveHandles;

    /// <summary>Finds oneDNN.</summary>
    /// <param name="threads">How many threads its kernels share; null for all processors.</param>
    /// <param name="backend">The backend, or null.</param>
    /// <param name="reason">What was found, or why there is none and what would help; one line.</param>
    public static bool TryCreate(int? threads, [NotNullWhen(true)] out OneDnnBackend? backend, out string reason)
    {
        backend = OneDnnLibrary.TryLoad(out OneDnnLibrary? library, out reason)
            ? new OneDnnBackend(library, threads ?? Environment.ProcessorCount)
            : null;
        return backend is not null;
    }

    /// <inheritdoc/>
    public override bool Supports(Precision precision) => precision is Precision.Float32 or Precision.BFloat16;

    /// <inheritdoc/>
    public override void Dispose()
    {
        Team.Dispose();
        library.Dispose();
        base.Dispose();
    }

    internal override void Lower(PlanRequest request, PlanBuilder builder)
    {
        using OneDnnLowering lowering = new(library, request, builder);
        lowering.Lower();
    }
}
