using DropoutLab.Backends.Threading;
using DropoutLab.Backends.Updates;
using DropoutLab.Optimization;

namespace DropoutLab.Backends;

/// <summary>
/// An optimiser's step over the parameters of one store, made once by <see cref="Backend.Compile(Optimizer, ParameterStore)"/>
/// and run after each training step. Running averages become what the training step made of them. It allocates nothing.
/// </summary>
public sealed class OptimizerStep
{
    private readonly UpdateKernel kernel;
    private readonly ParameterStore store;
    private readonly ThreadTeam team;

    internal OptimizerStep(UpdateKernel kernel, ParameterStore store, ThreadTeam team) =>
        (this.kernel, this.store, this.team) = (kernel, store, team);

    /// <summary>
    /// Updates every trained parameter from its gradient, as the last run of a plan has left it; no result depends on threads.
    /// </summary>
    /// <param name="learningRate">η of this step.</param>
    /// <param name="step">How many steps were before, which AdamW's correction is a function of.</param>
    /// <exception cref="ObjectDisposedException">The store is disposed of.</exception>
    public void Run(double learningRate, long step)
    {
        ObjectDisposedException.ThrowIf(store.IsDisposed, store);
        kernel.Run(team, learningRate, step);
        GC.KeepAlive(store);
    }
}
