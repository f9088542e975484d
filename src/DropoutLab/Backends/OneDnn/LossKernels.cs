using System.Numerics.Tensors;

namespace DropoutLab.Backends.OneDnn;

/// <summary>A number for the batch, from each datum's predictions and target. One thread: they are few.</summary>
internal abstract unsafe class ScoreKernel(
    PlanBuffer predictions, PlanBuffer targets, PlanBuffer score, int batch, int outputs) : Kernel
{
    public override IEnumerable<PlanBuffer> Buffers => [predictions, targets, score];

    protected PlanBuffer Targets => targets;

    protected int Batch => batch;

    public override void Run()
    {
        double sum = 0;
        for (int n = 0; n < batch; n++)
            sum += Of(new ReadOnlySpan<float>((float*)predictions.Address + (long)n * outputs, outputs), n);
        *(float*)score.Address = (float)Total(sum);
    }

    /// <summary>A datum's part.</summary>
    protected abstract double Of(ReadOnlySpan<float> predictions, int datum);

    /// <summary>The batch's, of the sum of its data's.</summary>
    protected virtual double Total(double sum) => sum / batch;

    protected int Label(int datum) => ((int*)targets.Address)[datum];
}

/// <summary>J = the mean over the batch of log Σ exp(z) − Σ t z, t being 1 at the label but for what smoothing spreads.</summary>
internal sealed class SoftmaxCrossEntropyKernel(
    PlanBuffer logits, PlanBuffer labels, PlanBuffer loss, int batch, int classes, double smoothing)
    : ScoreKernel(logits, labels, loss, batch, classes)
{
    private readonly float[] exponentials = new float[classes];

    public override string ToString() => "SoftmaxCrossEntropy";

    protected override double Of(ReadOnlySpan<float> z, int datum)
    {
        float largest = TensorPrimitives.Max(z);
        TensorPrimitives.Subtract(z, largest, exponentials);
        TensorPrimitives.Exp(exponentials, exponentials);
        double logSum = Math.Log(TensorPrimitives.Sum(exponentials)) + largest;
        float atLabel = z[Label(datum)];
        return smoothing == 0
            ? logSum - atLabel
            : logSum - (atLabel + smoothing * (TensorPrimitives.Sum(z) / z.Length - atLabel));
    }
}

/// <summary>How many data have their largest logit at their label.</summary>
internal sealed class CorrectCountKernel(PlanBuffer logits, PlanBuffer labels, PlanBuffer count, int batch, int classes)
    : ScoreKernel(logits, labels, count, batch, classes)
{
    public override string ToString() => "CorrectCount";

    protected override double Of(ReadOnlySpan<float> z, int datum) => TensorPrimitives.IndexOfMax(z) == Label(datum) ? 1 : 0;

    protected override double Total(double sum) => sum;
}

/// <summary>J = the mean of (y − t)² over data and outputs.</summary>
internal sealed unsafe class SquaredErrorKernel(
    PlanBuffer predictions, PlanBuffer targets, PlanBuffer loss, int batch, int outputs)
    : ScoreKernel(predictions, targets, loss, batch, outputs)
{
    public override string ToString() => "SquaredError";

    protected override double Of(ReadOnlySpan<float> y, int datum)
    {
        float* t = (float*)Targets.Address + (long)datum * y.Length;
        double sum = 0;
        for (int k = 0; k < y.Length; k++)
            sum += (y[k] - (double)t[k]) * (y[k] - (double)t[k]);
        return sum / y.Length;
    }
}
