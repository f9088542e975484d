using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>Keeps every s-th pixel of every s-th row; further channels are 0.</summary>
internal sealed unsafe class SubsampleStage(RowOperand x, RowOperand y, Subsample subsample, Shape input, Shape output) : RowStage(x, y)
{
    public override void Run(in RowPlace place)
    {
        Span<float> from = new(x.Floats(place), input.CountPerDatum), to = new(y.Floats(place), output.CountPerDatum);
        to.Clear();
        for (int row = 0, pixel = 0; row < output[1]; row++)
        {
            for (int column = 0; column < output[2]; column++, pixel++)
                from.Slice((row * input[2] + column) * subsample.Stride * input[3], input[3]).CopyTo(to[(pixel * output[3])..]);
        }
    }
}

/// <summary>Sends ∂J/∂y to the pixels that were kept, 0 to the others.</summary>
internal sealed unsafe class SubsampleGradientStage(RowOperand dy, RowOperand dx, Subsample subsample, Shape input, Shape output) : RowStage(dy, dx)
{
    public override void Run(in RowPlace place)
    {
        Span<float> from = new(dy.Floats(place), output.CountPerDatum), to = new(dx.Floats(place), input.CountPerDatum);
        to.Clear();
        for (int row = 0, pixel = 0; row < output[1]; row++)
        {
            for (int column = 0; column < output[2]; column++, pixel++)
                from.Slice(pixel * output[3], input[3]).CopyTo(to[((row * input[2] + column) * subsample.Stride * input[3])..]);
        }
    }
}
