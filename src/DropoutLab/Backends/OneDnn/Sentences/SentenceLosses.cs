using System.Numerics.Tensors;
using DropoutLab.Backends.Threading;

namespace DropoutLab.Backends.OneDnn.Sentences;

/// <summary>The mean cross-entropy of the tokens that are to be told, or its gradient: a row of logits a token.</summary>
/// <param name="team">The threads, each a stretch of the rows.</param>
/// <param name="logits">z [rows, V].</param>
/// <param name="tokens">−1 where there is none.</param>
/// <param name="signal">The error signal of J, of the gradient.</param>
/// <param name="result">J, or ∂J/∂z.</param>
/// <param name="rows">Places of the batch.</param>
/// <param name="vocabulary">V.</param>
internal sealed unsafe class TokenCrossEntropyKernel(
    ThreadTeam team, PlanBuffer logits, PlanBuffer tokens, PlanBuffer? signal, PlanBuffer result, int rows,
    int vocabulary) : Kernel
{
    private readonly Rows work = new(logits, tokens, signal, result, rows, vocabulary, team.ThreadCount);

    public override IEnumerable<PlanBuffer> Buffers =>
        signal is null ? [logits, tokens, result] : [logits, tokens, signal, result];

    public override void Run()
    {
        work.Count();
        team.Run(work);
        if (signal is null)
            *(float*)result.Address = (float)work.Mean();
    }

    public override string ToString() => signal is null ? "TokenCrossEntropy" : "TokenCrossEntropyGradient";

    private sealed class Rows(
        PlanBuffer logits, PlanBuffer tokens, PlanBuffer? signal, PlanBuffer result, int rows, int vocabulary,
        int threads) : ParallelKernel
    {
        private readonly float[][] exponentials = Scratch.Rows(threads, vocabulary);
        private readonly double[] losses = new double[rows];
        private int chosen;

        public void Count()
        {
            chosen = 0;
            foreach (int token in new ReadOnlySpan<int>((void*)tokens.Address, rows))
            {
                if (token >= vocabulary)
                    throw new DropoutLabException($"token {token} is none: there are {vocabulary}, from 0");
                chosen += token >= 0 ? 1 : 0;
            }
        }

        /// <summary>In the rows' order, whatever thread computed them.</summary>
        public double Mean()
        {
            double sum = 0;
            foreach (double loss in losses)
                sum += loss;
            return sum / Math.Max(chosen, 1);
        }

        protected override void RunShare(int share, int shareCount)
        {
            (int begin, int end) = RangeOf(rows, share, shareCount);
            for (int row = begin; row < end; row++)
                Row(row, exponentials[share]);
        }

        private void Row(int row, float[] exponential)
        {
            int token = ((int*)tokens.Address)[row];
            Span<float> gradient = signal is null ? default : new((float*)result.Address + (long)row * vocabulary, vocabulary);
            if (token < 0)
            {
                losses[row] = 0;
                gradient.Clear();
                return;
            }

            ReadOnlySpan<float> z = new((float*)logits.Address + (long)row * vocabulary, vocabulary);
            float largest = TensorPrimitives.Max(z);
            TensorPrimitives.Subtract(z, largest, exponential);
            TensorPrimitives.Exp(exponential, exponential);
            double sum = TensorPrimitives.Sum<float>(exponential);
            losses[row] = Math.Log(sum) + largest - z[token];
            if (signal is null)
                return;
            float factor = *(float*)signal.Address / Math.Max(chosen, 1);
            TensorPrimitives.Multiply(exponential, (float)(factor / sum), gradient);
            gradient[token] -= factor;
        }
    }
}

/// <summary>
/// J of pairs whose other pairs are negatives, or its gradient. One thread: they are a batch's sentences, not their tokens.
/// </summary>
/// <param name="pairs">[2N, D]: uᵢ and vᵢ one after another.</param>
/// <param name="signal">The error signal of J, of the gradient.</param>
/// <param name="result">J, or ∂J/∂(u, v).</param>
/// <param name="count">N.</param>
/// <param name="width">D.</param>
/// <param name="temperature">τ.</param>
internal sealed unsafe class ContrastiveLossKernel(
    PlanBuffer pairs, PlanBuffer? signal, PlanBuffer result, int count, int width, float temperature) : Kernel
{
    private readonly float[] unit = new float[2 * count * width], norms = new float[2 * count];
    private readonly float[] cosines = new float[count], softmax = new float[count];

    public override IEnumerable<PlanBuffer> Buffers => signal is null ? [pairs, result] : [pairs, signal, result];

    public override void Run()
    {
        Normalise();
        if (signal is not null)
            new Span<float>((void*)result.Address, 2 * count * width).Clear();
        double sum = 0;
        for (int i = 0; i < count; i++)
            sum += Row(i);
        if (signal is null)
            *(float*)result.Address = (float)(sum / count);
    }

    public override string ToString() => signal is null ? "ContrastiveLoss" : "ContrastiveLossGradient";

    private void Normalise()
    {
        for (int row = 0; row < norms.Length; row++)
        {
            ReadOnlySpan<float> own = new((float*)pairs.Address + (long)row * width, width);
            norms[row] = TensorPrimitives.Norm(own);
            TensorPrimitives.Multiply(own, 1 / norms[row], Unit(row));
        }
    }

    private double Row(int i)
    {
        for (int j = 0; j < count; j++)
            cosines[j] = TensorPrimitives.Dot<float>(Unit(2 * i), Unit(2 * j + 1));
        float largest = TensorPrimitives.Max<float>(cosines);
        TensorPrimitives.Subtract(cosines, largest, softmax);
        TensorPrimitives.Multiply(softmax, 1 / temperature, softmax);
        TensorPrimitives.Exp(softmax, softmax);
        float sum = TensorPrimitives.Sum<float>(softmax);
        if (signal is not null)
            AddGradients(i, sum);
        return Math.Log(sum) + (largest - cosines[i]) / temperature;
    }

    /// <summary>∂J/∂sim(uᵢ, vⱼ) = (softmaxⱼ − δᵢⱼ)/(N τ), and ∂sim(a, b)/∂a = (b/‖b‖ − sim a/‖a‖)/‖a‖.</summary>
    private void AddGradients(int i, float sum)
    {
        float scale = *(float*)signal!.Address / (count * temperature);
        for (int j = 0; j < count; j++)
        {
            float factor = scale * (softmax[j] / sum - (i == j ? 1 : 0));
            AddGradient(factor, cosines[j], 2 * i, 2 * j + 1);
            AddGradient(factor, cosines[j], 2 * j + 1, 2 * i);
        }
    }

    private void AddGradient(float factor, float cosine, int own, int other)
    {
        Span<float> gradient = new((float*)result.Address + (long)own * width, width);
        TensorPrimitives.MultiplyAdd(Unit(other), factor / norms[own], gradient, gradient);
        TensorPrimitives.MultiplyAdd(Unit(own), -factor * cosine / norms[own], gradient, gradient);
    }

    private Span<float> Unit(int row) => unit.AsSpan(row * width, width);
}
