using System.Numerics.Tensors;

namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>dz = (softmax(z) − onehot(label)) / N.</summary>
internal sealed unsafe class SoftmaxGradientStage(RowOperand z, RowOperand labels, RowOperand dz, int classes, int batch)
    : RowStage(z, labels, dz)
{
    public override void Run(in RowPlace place)
    {
        ReadOnlySpan<float> logits = new(z.Floats(place), classes);
        Span<float> gradient = new(dz.Floats(place), classes);
        TensorPrimitives.Subtract(logits, TensorPrimitives.Max(logits), gradient); // exp of a large logit would be infinite
        TensorPrimitives.SoftMax(gradient, gradient);
        gradient[*(int*)labels.At(place)] -= 1;
        TensorPrimitives.Divide(gradient, batch, gradient);
    }
}
