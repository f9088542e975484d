using System.Numerics;
using System.Runtime.InteropServices;
using DropoutLab.Backends;
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
    /// <summary>Updates all parameters of a store from their gradients.</summary>
    public void Step(ParameterStore store, double learningRate)
    {
        for (int i = 0; i < store.Parameters.Count; i++) // foreach would allocate an enumerator a step
        {
            Parameter parameter = store.Parameters[i];
            if (store.ElementBytes == 4)
                Update<float>(store, parameter, learningRate);
            else
                Update<double>(store, parameter, learningRate);
        }
    }

    private void Update<T>(ParameterStore store, Parameter parameter, double learningRate)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<T> weights = store.Span<T>(parameter.Name, ParameterArray.Value);
        Span<T> gradients = store.Span<T>(parameter.Name, ParameterArray.Gradient);
        Span<T> momenta = store.Span<T>(parameter.Name, ParameterArray.Momentum);
        T rate = T.CreateChecked(learningRate * parameter.RateFactor), momentum = T.CreateChecked(Momentum);
        T decay = T.CreateChecked(WeightDecay * parameter.DecayFactor);
        int vectorised = weights.Length - weights.Length % Vector<T>.Count;
        UpdateVectors(
            MemoryMarshal.Cast<T, Vector<T>>(weights), MemoryMarshal.Cast<T, Vector<T>>(gradients),
            MemoryMarshal.Cast<T, Vector<T>>(momenta), new(rate), new(momentum), new(decay));
        for (int i = vectorised; i < weights.Length; i++)
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
