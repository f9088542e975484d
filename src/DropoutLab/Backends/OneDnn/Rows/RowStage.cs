namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>An operator on one datum's rows of 32-bit floats.</summary>
internal abstract class RowStage(params RowOperand[] operands)
{
    public IReadOnlyList<RowOperand> Operands { get; } = operands;

    public abstract void Run(in RowPlace place);
}
