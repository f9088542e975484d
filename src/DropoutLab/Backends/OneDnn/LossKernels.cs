using System.Numerics.Tensors;

namespace DropoutLab.Backends.OneDnn;

/// <summary>J = the mean over the batch of log Σ exp(z) − z[label]. One thread: the logits are few.</summary>
internal sealed unsafe class SoftmaxCrossEntropyKernel(PlanBuffer logits, PlanBuffer labels, PlanBuffer loss, int batch, int classes)
    : Kernel
{
    private readonly float[] exponentials = new float[classes];

    public override IEnumerable<PlanBuffer> Buffers => [logits, labels, loss];

    public override void Run()
    {
        double sum = 0;
        for (int n = 0; n < batch; n++)
            sum += Loss(new ReadOnlySpan<float>((float*)logits.Address + (long)n * classes, classes), ((int*)labels.Address)[n]);
        *(float*)loss.Address = (float)(sum / batch);
    }

    public override string ToString() => "SoftmaxCrossEntropy";

    private double Loss(ReadOnlySpan<float> z, int label)
    {
        float largest = TensorPrimitives.Max(z);
        TensorPrimitives.Subtract(z, largest, exponentials);
        TensorPrimitives.Exp(exponentials, exponentials);
        return Math.Log(TensorPrimitives.Sum(exponentials)) + largest - z[label];
    }
}

/// <summary>How many data have their largest logit at their label.</summary>
internal sealed unsafe class CorrectCountKernel(PlanBuffer logits, PlanBuffer labels, PlanBuffer count, int batch, int classes) : Kernel
{
    public override IEnumerable<PlanBuffer> Buffers => [logits, labels, count];

    public override void Run()
    {
        int correct = 0;
        for (int n = 0; n < batch; n++)
        {
            ReadOnlySpan<float> z = new((float*)logits.Address + (long)n * classes, classes);
            if (TensorPrimitives.IndexOfMax(z) == ((int*)labels.Address)[n])
                correct++;
        }

        *(float*)count.Address = correct;
    }

    public override string ToString() => "CorrectCount";
}
