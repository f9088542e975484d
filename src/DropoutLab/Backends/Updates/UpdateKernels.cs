using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using DropoutLab.Backends.Threading;
using DropoutLab.Graph;
using DropoutLab.Optimization;

namespace DropoutLab.Backends.Updates;

/// <summary>
/// An optimiser's step on parameters in host memory. Every number is updated by itself, so threads change nothing in it.
/// </summary>
internal abstract class UpdateKernel(Optimizer optimizer, ParameterStore store) : ParallelKernel
{
    private readonly GradientNorm? norm = optimizer.MaximumGradientNorm is { } largest ? new(store, largest) : null;

    protected ParameterStore Store => store;

    /// <summary>What gradients are multiplied with: 1 but where their norm is cut.</summary>
    protected double GradientFactor { get; private set; } = 1;

    protected double LearningRate { get; private set; }

    /// <summary>The kernel of an optimiser.</summary>
    /// <exception cref="DropoutLabException">There is none.</exception>
    public static UpdateKernel Of(Optimizer optimizer, ParameterStore store) => optimizer switch
    {
        Sgd sgd => new SgdKernel(sgd, store),
        AdamW adamW => new AdamWKernel(adamW, store),
        _ => throw new DropoutLabException($"no backend has a kernel for the optimiser {optimizer.Name}: take sgd or adamw"),
    };

    public void Run(ThreadTeam team, double learningRate, long step)
    {
        LearningRate = learningRate;
        if (norm is not null)
            GradientFactor = norm.Factor(team);
        Begin(step);
        team.Run(this);
    }

    /// <summary>Works out what is the same for all parameters in a step.</summary>
    protected virtual void Begin(long step)
    {
    }

    protected abstract void Update<T>(Parameter parameter, int begin, int count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    protected override void RunShare(int share, int shareCount)
    {
        for (int i = 0; i < store.Parameters.Count; i++) // foreach would allocate an enumerator a step
        {
            Parameter parameter = store.Parameters[i];
            (int begin, int end) = RangeOf(parameter.Shape.Count, share, shareCount, grain: 64);
            if (store.ElementBytes == 4)
                Move<float>(parameter, begin, end - begin);
            else
                Move<double>(parameter, begin, end - begin);
        }
    }

    protected Span<T> Part<T>(Parameter parameter, ParameterArray array, int begin, int count)
        where T : unmanaged => store.Span<T>(parameter.Name, array).Slice(begin, count);

    private void Move<T>(Parameter parameter, int begin, int count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (parameter.IsTrained)
            Update<T>(parameter, begin, count);
        else
            Part<T>(parameter, ParameterArray.Gradient, begin, count)
                .CopyTo(Part<T>(parameter, ParameterArray.Value, begin, count));
    }
}

/// <summary>v ← μv + ηr(g + λdw), w ← w − v.</summary>
internal sealed class SgdKernel(Sgd sgd, ParameterStore store) : UpdateKernel(sgd, store)
{
    private static readonly ParameterArray Momentum = new(Sgd.MomentumState);

    protected override void Update<T>(Parameter parameter, int begin, int count)
    {
        Span<T> weights = Part<T>(parameter, ParameterArray.Value, begin, count);
        Span<T> gradients = Part<T>(parameter, ParameterArray.Gradient, begin, count);
        Span<T> momenta = Part<T>(parameter, Momentum, begin, count);
        T rate = T.CreateChecked(LearningRate * parameter.RateFactor), momentum = T.CreateChecked(sgd.Momentum);
        T decay = T.CreateChecked(sgd.WeightDecay * parameter.DecayFactor), factor = T.CreateChecked(GradientFactor);
        UpdateVectors(
            MemoryMarshal.Cast<T, Vector<T>>(weights), MemoryMarshal.Cast<T, Vector<T>>(gradients),
            MemoryMarshal.Cast<T, Vector<T>>(momenta), new(rate), new(momentum), new(decay), new(factor));
        for (int i = count - count % Vector<T>.Count; i < count; i++)
        {
            momenta[i] = momentum * momenta[i] + rate * (factor * gradients[i] + decay * weights[i]);
            weights[i] -= momenta[i];
        }
    }

    private static void UpdateVectors<T>(
        Span<Vector<T>> weights, Span<Vector<T>> gradients, Span<Vector<T>> momenta, Vector<T> rate, Vector<T> momentum,
        Vector<T> decay, Vector<T> factor)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            momenta[i] = momentum * momenta[i] + rate * (factor * gradients[i] + decay * weights[i]);
            weights[i] -= momenta[i];
        }
    }
}

/// <summary>Adam's step, and decay beside it: the formulas are <see cref="AdamW"/>'s.</summary>
internal sealed class AdamWKernel(AdamW adamW, ParameterStore store) : UpdateKernel(adamW, store)
{
    private static readonly ParameterArray First = new(AdamW.FirstMoment), Second = new(AdamW.SecondMoment);

    private double firstCorrection, secondCorrection;

    protected override void Begin(long step)
    {
        firstCorrection = 1 / (1 - Math.Pow(adamW.Beta1, step + 1));
        secondCorrection = 1 / (1 - Math.Pow(adamW.Beta2, step + 1));
    }

    protected override void Update<T>(Parameter parameter, int begin, int count)
    {
        Coefficients<T> c = new(
            T.CreateChecked(adamW.Beta1), T.CreateChecked(1 - adamW.Beta1), T.CreateChecked(adamW.Beta2),
            T.CreateChecked(1 - adamW.Beta2), T.CreateChecked(firstCorrection), T.CreateChecked(secondCorrection),
            T.CreateChecked(adamW.Epsilon), T.CreateChecked(LearningRate * parameter.RateFactor),
            T.CreateChecked(adamW.WeightDecay * parameter.DecayFactor), T.CreateChecked(GradientFactor));
        Span<T> weights = Part<T>(parameter, ParameterArray.Value, begin, count);
        Span<T> gradients = Part<T>(parameter, ParameterArray.Gradient, begin, count);
        Span<T> first = Part<T>(parameter, First, begin, count), second = Part<T>(parameter, Second, begin, count);
        UpdateVectors(
            MemoryMarshal.Cast<T, Vector<T>>(weights), MemoryMarshal.Cast<T, Vector<T>>(gradients),
            MemoryMarshal.Cast<T, Vector<T>>(first), MemoryMarshal.Cast<T, Vector<T>>(second), c);
        for (int i = count - count % Vector<T>.Count; i < count; i++)
        {
            T gradient = c.GradientFactor * gradients[i];
            first[i] = c.Beta1 * first[i] + c.Rest1 * gradient;
            second[i] = c.Beta2 * second[i] + c.Rest2 * (gradient * gradient);
            T step = c.Correction1 * first[i] / (T.Sqrt(c.Correction2 * second[i]) + c.Epsilon);
            weights[i] -= c.Rate * (step + c.Decay * weights[i]);
        }
    }

    private static void UpdateVectors<T>(
        Span<Vector<T>> weights, Span<Vector<T>> gradients, Span<Vector<T>> first, Span<Vector<T>> second, in Coefficients<T> c)
        where T : unmanaged
    {
        Vector<T> beta1 = new(c.Beta1), rest1 = new(c.Rest1), beta2 = new(c.Beta2), rest2 = new(c.Rest2);
        Vector<T> correction1 = new(c.Correction1), correction2 = new(c.Correction2), epsilon = new(c.Epsilon);
        Vector<T> rate = new(c.Rate), decay = new(c.Decay), factor = new(c.GradientFactor);
        for (int i = 0; i < weights.Length; i++)
        {
            Vector<T> gradient = factor * gradients[i];
            first[i] = beta1 * first[i] + rest1 * gradient;
            second[i] = beta2 * second[i] + rest2 * (gradient * gradient);
            Vector<T> step = correction1 * first[i] / (Vector.SquareRoot(correction2 * second[i]) + epsilon);
            weights[i] -= rate * (step + decay * weights[i]);
        }
    }

    private readonly record struct Coefficients<T>(
        T Beta1, T Rest1, T Beta2, T Rest2, T Correction1, T Correction2, T Epsilon, T Rate, T Decay, T GradientFactor);
}

/// <summary>
/// What gradients are multiplied with so that √(Σ g²) over all of them is c at most. Sums of stretches are added in the
/// stretches' order, so that threads change nothing in it.
/// </summary>
internal sealed class GradientNorm : ParallelKernel
{
    private const int StretchLength = 4096;

    private readonly ParameterStore store;
    private readonly double largest;
    private readonly (Parameter Parameter, int Begin)[] stretches;
    private readonly double[] sums;

    public GradientNorm(ParameterStore store, double largest)
    {
        (this.store, this.largest) = (store, largest);
        stretches =
        [
            .. from parameter in store.Parameters
               where parameter.IsTrained
               from stretch in Enumerable.Range(0, (parameter.Shape.Count + StretchLength - 1) / StretchLength)
               select (parameter, stretch * StretchLength),
        ];
        sums = new double[stretches.Length];
    }

    public double Factor(ThreadTeam team)
    {
        team.Run(this);
        double sum = 0;
        foreach (double stretch in sums)
            sum += stretch;
        double norm = Math.Sqrt(sum);
        return norm > largest ? largest / norm : 1;
    }

    protected override void RunShare(int share, int shareCount)
    {
        (int begin, int end) = RangeOf(stretches.Length, share, shareCount);
        for (int i = begin; i < end; i++)
            sums[i] = store.ElementBytes == 4 ? SumOfSquares<float>(stretches[i]) : SumOfSquares<double>(stretches[i]);
    }

    private double SumOfSquares<T>((Parameter Parameter, int Begin) stretch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Span<T> gradients = store.Span<T>(stretch.Parameter.Name, ParameterArray.Gradient)[stretch.Begin..];
        return double.CreateChecked(TensorPrimitives.SumOfSquares<T>(gradients[..Math.Min(StretchLength, gradients.Length)]));
    }
}
