using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>Keeps every s-th pixel of every s-th row; further channels are 0.</summary>
internal sealed unsafe class SubsampleStage(RowOperand x, RowOperand y, Subsample subsample, Shape input, Shape output)
    : RowStage(x, y)
{
    private readonly (int From, int To)[] kept = [.. subsample.KeptPixels(input)];

    public override void Run(in RowPlace place)
    {
        Span<float> from = new(x.Floats(place), input.CountPerDatum), to = new(y.Floats(place), output.CountPerDatum);
        to.Clear();
        foreach ((int inX, int inY) in kept)
            from.Slice(inX * input[3], input[3]).CopyTo(to[(inY * output[3])..]);
    }
}

/// <summary>Sends ∂J/∂y to the pixels that were kept, 0 to the others.</summary>
internal sealed unsafe class SubsampleGradientStage(RowOperand dy, RowOperand dx, Subsample subsample, Shape input, Shape output)
    : RowStage(dy, dx)
{
    private readonly (int From, int To)[] kept = [.. subsample.KeptPixels(input)];

    public override void Run(in RowPlace place)
    {
        Span<float> from = new(dy.Floats(place), output.CountPerDatum), to = new(dx.Floats(place), input.CountPerDatum);
        to.Clear();
        foreach ((int inX, int inY) in kept)
            from.Slice(inY * output[3], input[3]).CopyTo(to[(inX * input[3])..]);
    }
}
