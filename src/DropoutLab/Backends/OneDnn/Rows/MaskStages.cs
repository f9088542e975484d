using DropoutLab.Dropout;

namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>Draws a mask and multiplies with it, in one pass: y = x ⊙ ε / (1 − p).</summary>
internal sealed unsafe class DrawMaskedStage(RowOperand x, RowOperand bits, RowOperand y, int length, MaskSource source, StepState state)
    : RowStage(x, bits, y)
{
    public override void Run(in RowPlace place)
    {
        MaskStream stream = new(state.Seed, source.Layer, source.Which, state.Step, source.DropProbability);
        uint datum = source.Sharing.DrawnDatum(state.FirstDatum + (uint)place.Datum);
        MaskKernels.DrawMultiplyRow(stream, datum, bits.Words(place), x.Floats(place), y.Floats(place), length, (float)source.Scale);
    }
}

/// <summary>y = x ⊙ ε / (1 − p) with a mask drawn before.</summary>
internal sealed unsafe class MaskedStage(RowOperand x, RowOperand bits, RowOperand y, int length, MaskSource source)
    : RowStage(x, bits, y)
{
    private readonly float scale = (float)source.Scale;

    public override void Run(in RowPlace place) =>
        MaskKernels.MultiplyRow(bits.Words(place), x.Floats(place), y.Floats(place), length, scale);
}

/// <summary>Draws a mask that is read on its own.</summary>
internal sealed unsafe class DrawStage(RowOperand bits, int length, MaskSource source, StepState state) : RowStage(bits)
{
    public override void Run(in RowPlace place) => MaskRow.Draw(source, state, place.Datum, bits.Words(place), length);
}
