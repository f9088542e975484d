using System.Numerics.Tensors;

namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>dz = d (softmax(z) − t)/N, t being (1 − s) onehot(label) + s/K; d is one number that all data share.</summary>
internal sealed unsafe class SoftmaxGradientStage(
    RowOperand z, RowOperand labels, RowOperand signal, RowOperand dz, int classes, int batch, double smoothing)
    : RowStage(z, labels, signal, dz)
{
    private readonly float atLabel = (float)(1 - smoothing), spread = (float)(smoothing / classes);

    public override void Run(in RowPlace place)
    {
        ReadOnlySpan<float> logits = new(z.Floats(place), classes);
        Span<float> gradient = new(dz.Floats(place), classes);
        TensorPrimitives.Subtract(logits, TensorPrimitives.Max(logits), gradient); // exp of a large logit would be infinite
        TensorPrimitives.SoftMax(gradient, gradient);
        if (spread > 0)
            TensorPrimitives.Subtract(gradient, spread, gradient);
        gradient[*(int*)labels.At(place)] -= atLabel;
        TensorPrimitives.Divide(gradient, batch, gradient);
        if (*signal.Shared != 1)
            TensorPrimitives.Multiply(gradient, *signal.Shared, gradient);
    }
}

/// <summary>dy = 2 d (y − t)/(N K); d is one number that all data share.</summary>
internal sealed unsafe class SquaredErrorGradientStage(
    RowOperand y, RowOperand targets, RowOperand signal, RowOperand dy, int outputs, int batch)
    : RowStage(y, targets, signal, dy)
{
    private readonly double factor = 2.0 / ((double)batch * outputs);

    public override void Run(in RowPlace place)
    {
        Span<float> gradient = new(dy.Floats(place), outputs);
        TensorPrimitives.Subtract(
            new ReadOnlySpan<float>(y.Floats(place), outputs), new ReadOnlySpan<float>(targets.Floats(place), outputs), gradient);
        TensorPrimitives.Multiply(gradient, (float)(factor * *signal.Shared), gradient);
    }
}
