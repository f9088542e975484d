using System.Numerics.Tensors;

namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>dz = (softmax(z) − onehot(label)) / N.</summary>
internal sealed unsafe class SoftmaxGradientStage(RowOperand z, RowOperand labels, RowOperand dz, int classes, int batch)
    : RowStage(z, labels, dz)
{
    public override void Run(in RowPlace place)
    {
        Span<float> gradient = new(dz.Floats(place), classes);
        TensorPrimitives.SoftMax(new ReadOnlySpan<float>(z.Floats(place), classes), gradient);
        gradient[*(int*)labels.At(place)] -= 1;
        TensorPrimitives.Divide(gradient, batch, gradient);
    }
}
