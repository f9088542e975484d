using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>y = max(x, 0).</summary>
internal sealed unsafe class ReluStage(RowOperand x, RowOperand y, int length) : RowStage(x, y)
{
    public override void Run(in RowPlace place) => TensorPrimitives.Max(
        new ReadOnlySpan<float>(x.Floats(place), length), 0f, new Span<float>(y.Floats(place), length));
}

/// <summary>y = a + b.</summary>
internal sealed unsafe class AddStage(RowOperand a, RowOperand b, RowOperand y, int length) : RowStage(a, b, y)
{
    public override void Run(in RowPlace place) => TensorPrimitives.Add(
        new ReadOnlySpan<float>(a.Floats(place), length),
        new ReadOnlySpan<float>(b.Floats(place), length),
        new Span<float>(y.Floats(place), length));
}

/// <summary>y = f x.</summary>
internal sealed unsafe class ScaleStage(RowOperand x, RowOperand y, int length, float factor) : RowStage(x, y)
{
    public override void Run(in RowPlace place) => TensorPrimitives.Multiply(
        new ReadOnlySpan<float>(x.Floats(place), length), factor, new Span<float>(y.Floats(place), length));
}

/// <summary>dx = dy where r &gt; 0, else 0.</summary>
internal sealed unsafe class ReluGradientStage(RowOperand dy, RowOperand r, RowOperand dx, int length) : RowStage(dy, r, dx)
{
    public override void Run(in RowPlace place)
    {
        float* signal = dy.Floats(place), activation = r.Floats(place), result = dx.Floats(place);
        int i = 0;
        for (; i + Vector256<float>.Count <= length; i += Vector256<float>.Count)
        {
            Vector256<float> passes = Vector256.GreaterThan(Vector256.Load(activation + i), Vector256<float>.Zero);
            (Vector256.Load(signal + i) & passes).Store(result + i);
        }

        for (; i < length; i++)
            result[i] = activation[i] > 0 ? signal[i] : 0;
    }
}
