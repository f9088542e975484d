namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>bfloat16 to float: exact.</summary>
internal sealed unsafe class WidenStage(RowOperand x, RowOperand y, int length) : RowStage(x, y)
{
    public override void Run(in RowPlace place) => BFloat16.Widen((ushort*)x.At(place), y.Floats(place), length);
}

/// <summary>float to bfloat16, rounded to nearest, ties to even.</summary>
internal sealed unsafe class NarrowStage(RowOperand x, RowOperand y, int length) : RowStage(x, y)
{
    public override void Run(in RowPlace place) => BFloat16.Narrow(x.Floats(place), (ushort*)y.At(place), length);
}
