namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>Draws a mask and multiplies with it, in one pass: y = x ⊙ ε / (1 − p).</summary>
internal sealed unsafe class DrawMaskedStage(RowOperand x, RowOperand bits, RowOperand y, StepMask mask) : RowStage(x, bits, y)
{
    public override void Begin() => mask.Begin();

    public override void Run(in RowPlace place) => mask.DrawMultiplyRow(place.Datum, bits.Words(place), x.Floats(place), y.Floats(place));
}

/// <summary>y = x ⊙ ε / (1 − p) with a mask drawn before.</summary>
internal sealed unsafe class MaskedStage(RowOperand x, RowOperand bits, RowOperand y, StepMask mask) : RowStage(x, bits, y)
{
    public override void Begin() => mask.Begin();

    public override void Run(in RowPlace place) => mask.MultiplyRow(bits.Words(place), x.Floats(place), y.Floats(place));
}

/// <summary>Draws a mask that is read on its own.</summary>
internal sealed unsafe class DrawStage(RowOperand bits, StepMask mask) : RowStage(bits)
{
    public override void Begin() => mask.Begin();

    public override void Run(in RowPlace place) => mask.DrawRow(place.Datum, bits.Words(place));
}
