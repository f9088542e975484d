using System.Numerics;
using System.Numerics.Tensors;
using DropoutLab.Backends;
using DropoutLab.Collectives;
using DropoutLab.Graph;

namespace DropoutLab.Training;

/// <summary>What batch normalisation takes mean and variance of where processes share a minibatch.</summary>
public enum BatchStatistics
{
    /// <summary>The whole minibatch, as one process would: all processes add their sums up, forwards and backwards.</summary>
    Global,

    /// <summary>Each process's own part; running averages are means over the processes, weighted by their data.</summary>
    Local,
}

/// <summary>The stretch of a minibatch that is one process's. Stretches differ by one datum at most.</summary>
/// <param name="Whole">The data of the minibatch.</param>
/// <param name="Begin">The first that is this process's.</param>
/// <param name="Count">How many are; none where there are fewer data than processes.</param>
internal readonly record struct MinibatchPart(int Whole, int Begin, int Count)
{
    /// <summary>
    /// A process without data computes one all the same, for the others' statistics wait for it; nothing of it counts.
    /// </summary>
    public int Computed => Math.Max(Count, 1);

    public bool IsEmpty => Count == 0;

    /// <summary>The part in what is a mean over the minibatch.</summary>
    public double Weight => (double)Count / Whole;

    public static MinibatchPart Of(int whole, ICollective collective)
    {
        int begin = (int)((long)whole * collective.Rank / collective.Size);
        return new(whole, begin, (int)((long)whole * (collective.Rank + 1) / collective.Size) - begin);
    }
}

/// <summary>Adds up over all processes what a step leaves in each: gradients, running averages, the loss.</summary>
internal sealed class StepSum(ICollective collective, ParameterStore store)
{
    private readonly Parameter[] averages = [.. store.Parameters.Where(parameter => !parameter.IsTrained)];
    private readonly double[] numbers = new double[2];

    /// <summary>J of the minibatch, in every process; and its gradients in the store.</summary>
    /// <param name="loss">J of this process's part.</param>
    /// <param name="part">Which part.</param>
    /// <param name="cancellation">Ends the step in all processes where one's is cancelled.</param>
    /// <exception cref="OperationCanceledException">One was.</exception>
    public double Run(double loss, MinibatchPart part, CancellationToken cancellation)
    {
        if (collective.Size == 1)
            return loss;
        (numbers[0], numbers[1]) = (part.IsEmpty ? 0 : part.Weight * loss, cancellation.IsCancellationRequested ? 1 : 0);
        collective.Sum(numbers);
        if (numbers[1] > 0)
            throw new OperationCanceledException(cancellation);
        if (store.ElementBytes == 4)
            collective.Sum(Weighted<float>(part));
        else
            collective.Sum(Weighted<double>(part));
        GC.KeepAlive(store);
        return numbers[0];
    }

    /// <summary>Gradients are parts of a sum already; running averages become parts of a mean.</summary>
    private Span<T> Weighted<T>(MinibatchPart part)
        where T : unmanaged, INumber<T>
    {
        Span<T> all = store.All<T>(ParameterArray.Gradient);
        if (part.IsEmpty)
            all.Clear();
        foreach (Parameter average in averages)
        {
            Span<T> values = store.Span<T>(average.Name, ParameterArray.Gradient);
            TensorPrimitives.Multiply(values, T.CreateChecked(part.Weight), values);
        }

        return all;
    }
}
