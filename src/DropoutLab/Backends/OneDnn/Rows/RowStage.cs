namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>An operator on one datum's rows of 32-bit floats.</summary>
internal abstract class RowStage(params RowOperand[] operands)
{
    public IReadOnlyList<RowOperand> Operands { get; } = operands;

    /// <summary>Those of the operands that hold sums over the batch, which are there after <see cref="End"/>.</summary>
    public virtual IEnumerable<RowOperand> Sums => [];

    /// <summary>Works out what is the same for all data of a step; one thread does, before the others run.</summary>
    public virtual void Begin()
    {
    }

    public abstract void Run(in RowPlace place);

    /// <summary>Called once a step, when all rows are done.</summary>
    public virtual void End()
    {
    }
}
