using System.Numerics;
using System.Runtime.InteropServices;
using DropoutLab.Backends;
using DropoutLab.Backends.Threading;
using DropoutLab.Graph;

namespace DropoutLab.Training;

/// <summary>
/// Stochastic gradient descent with momentum and weight decay, as Caffe has it: v ← μv + ηr(g + λdw), w ← w − v, with the
/// parameter's own factors r for the rate and d for the decay.
/// Source: Caffe, SGDSolver; Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.
/// </summary>
/// <param name="Momentum">μ.</param>
/// <param name="WeightDecay">λ.</param>
public sealed record Sgd(double Momentum, double WeightDecay)
{
    /// <summary>Updates every trained parameter from its gradient and its momentum, as the last run of a plan has left them.</summary>
    /// <param name="store">The parameters.</param>
    /// <param name="backend">On whose threads; the result does not depend on them.</param>
    /// <param name="learningRate">η of this step.</param>
    public void Step(ParameterStore store, Backend backend, double learningRate) => For(store, backend.Team).Step(learningRate);

    /// <summary>The update of a store's parameters on a team of threads; made once, run after each step.</summary>
    internal SgdUpdate For(ParameterStore store, ThreadTeam team) => new(this, store, team);
}

/// <summary><see cref="Sgd"/> on the parameters of one store. Every number is updated by itself, so threads change nothing in it.</summary>
internal sealed class SgdUpdate(Sgd sgd, ParameterStore store, ThreadTeam team) : ParallelKernel
{
    private double learningRate;

    /// <summary>Updates all parameters from their gradients.</summary>
    public void Step(double rate)
    {
        learningRate = rate;
        team.Run(this);
    }

    protected override void RunShare(int share, int shareCount)
    {
        for (int i = 0; i < store.Parameters.Count; i++) // foreach would allocate an enumerator a step
        {
            Parameter parameter = store.Parameters[i];
            if (!parameter.IsTrained)
                continue;
            (int begin, int end) = RangeOf(parameter.Shape.Count, share, shareCount, grain: 64);
            if (store.ElementBytes == 4)
                Update<float>(parameter, begin, end - begin);
            else
                Update<double>(parameter, begin, end - begin);
        }
    }

    private void Update<T>(Parameter parameter, int begin, int count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<T> weights = store.Span<T>(parameter.Name, ParameterArray.Value).Slice(begin, count);
        Span<T> gradients = store.Span<T>(parameter.Name, ParameterArray.Gradient).Slice(begin, count);
        Span<T> momenta = store.Span<T>(parameter.Name, ParameterArray.Momentum).Slice(begin, count);
        T rate = T.CreateChecked(learningRate * parameter.RateFactor), momentum = T.CreateChecked(sgd.Momentum);
        T decay = T.CreateChecked(sgd.WeightDecay * parameter.DecayFactor);
        UpdateVectors(
            MemoryMarshal.Cast<T, Vector<T>>(weights), MemoryMarshal.Cast<T, Vector<T>>(gradients),
            MemoryMarshal.Cast<T, Vector<T>>(momenta), new(rate), new(momentum), new(decay));
        for (int i = count - count % Vector<T>.Count; i < count; i++)
        {
            momenta[i] = momentum * momenta[i] + rate * (gradients[i] + decay * weights[i]);
            weights[i] -= momenta[i];
        }
    }

    private static void UpdateVectors<T>(
        Span<Vector<T>> weights, Span<Vector<T>> gradients, Span<Vector<T>> momenta, Vector<T> rate, Vector<T> momentum, Vector<T> decay)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            momenta[i] = momentum * momenta[i] + rate * (gradients[i] + decay * weights[i]);
            weights[i] -= momenta[i];
        }
    }
}
