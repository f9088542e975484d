using DropoutLab.Backends.Updates;
using DropoutLab.Graph;
using DropoutLab.Optimization;

namespace DropoutLab.Backends;

/// <summary>Something that compiles graphs into plans and runs them.</summary>
/// <remarks>
/// Its plans run one at a time. Trainers, predictors and audits that share a backend wait for each other; who runs plans of his
/// own at once takes a backend for each.
/// </remarks>
public abstract class Backend : IDisposable
{
    /// <summary>The name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>One line about what runs underneath: versions, instruction set, threads.</summary>
    public abstract string Description { get; }

    /// <summary>How many threads its kernels share: those asked for, or fewer where OpenMP does not grant so many.</summary>
    public int ThreadCount => Team.ThreadCount;

    /// <summary>The precision that is fastest here.</summary>
    public abstract Precision PreferredPrecision { get; }

    /// <summary>Held by who fills a plan's inputs, runs it and reads its outputs, where others may share the backend.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>The threads that kernels run on.</summary>
    internal abstract Threading.ThreadTeam Team { get; }

    /// <summary>Whether it computes in a precision.</summary>
    public abstract bool Supports(Precision precision);

    /// <summary>Checks the graph and turns it into a plan.</summary>
    /// <exception cref="DropoutLabException">
    /// The precision is not this backend's, the graph and the store do not fit together, or OpenMP no longer grants the backend's
    /// threads.
    /// </exception>
    public Plan Compile(PlanRequest request, Precision precision)
    {
        RequireSupport(precision);
        Verifier.Check(request.Wanted(), sharesStatistics: request.Statistics is not null);
        request.CheckStore(precision);
        // Kernels that are made may start threads, which must begin without signals as those that run do.
        using Threading.SignalBlock undisturbed = Threading.SignalBlock.Begin();
        Team.Enter();
        PlanBuilder builder = new(request, precision, Team);
        Lower(request, builder);
        return new Plan(builder);
    }

    /// <summary>Makes an optimiser's step over a store's parameters, and room there for what it keeps, zero at first.</summary>
    /// <exception cref="DropoutLabException">The optimiser's numbers are out of range, or there is no kernel for it.</exception>
    public OptimizerStep Compile(Optimizer optimizer, ParameterStore store)
    {
        optimizer.Validate();
        foreach (string state in optimizer.State)
            store.Add(new ParameterArray(state));
        return new OptimizerStep(UpdateKernel.Of(optimizer, store), store, Team);
    }

    /// <summary>Ends its threads. Plans that were made by it must be disposed of before.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <exception cref="DropoutLabException">The precision is not this backend's.</exception>
    internal void RequireSupport(Precision precision)
    {
        if (!Supports(precision))
            throw new DropoutLabException(
                $"the {Name} backend does not compute in {precision.ShortName()}; {Alternatives(precision)}",
                SettingName.Precision, precision.ShortName());
    }

    /// <summary>Adds the kernels for <see cref="PlanRequest.Order"/> to the builder.</summary>
    internal abstract void Lower(PlanRequest request, PlanBuilder builder);

    private static string Alternatives(Precision precision) =>
        precision == Precision.Float64 ? "the reference backend does" : "choose f32, or the onednn backend";
}
