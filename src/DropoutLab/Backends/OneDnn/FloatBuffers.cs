using DropoutLab.Backends.OneDnn.Rows;
using DropoutLab.Graph;

namespace DropoutLab.Backends.OneDnn;

/// <summary>
/// Whole values of a bfloat16 plan as floats, for kernels that know nothing else; in other plans, the values themselves.
/// </summary>
internal sealed class FloatBuffers(PlanBuilder builder)
{
    private readonly Dictionary<Value, PlanBuffer> buffers = [];

    /// <summary>The value as floats, converted once.</summary>
    public PlanBuffer Of(Value value)
    {
        if (builder.Precision != Precision.BFloat16)
            return builder.BufferOf(value);
        Value source = GraphReaders.Source(value);
        if (!buffers.TryGetValue(source, out PlanBuffer? buffer))
        {
            buffer = ToWrite(source);
            Convert(source, (narrow, wide, length) => new WidenStage(narrow, wide, length));
        }

        return buffer;
    }

    /// <summary>A buffer of floats for a kernel to write the value to, before <see cref="Round"/>.</summary>
    public PlanBuffer ToWrite(Value value)
    {
        PlanBuffer buffer = new(value.Shape.Count * (long)sizeof(float), $"{value}, as floats");
        buffers.Add(GraphReaders.Source(value), buffer);
        return buffer;
    }

    /// <summary>Rounds what was written to the value itself; its floats are forgotten, for they are not rounded.</summary>
    public void Round(Value value)
    {
        Value source = GraphReaders.Source(value);
        Convert(source, (narrow, wide, length) => new NarrowStage(wide, narrow, length));
        buffers.Remove(source);
    }

    private void Convert(Value value, Func<RowOperand, RowOperand, int, RowStage> stage)
    {
        int length = value.Shape.CountPerDatum;
        RowOperand narrow = RowOperand.OfBatch(builder.BufferOf(value), length * sizeof(ushort));
        RowOperand wide = RowOperand.OfBatch(buffers[value], length * sizeof(float));
        builder.Kernels.Add(new DatumKernel(builder.Team, value.Shape[0], [new RowGroup([stage(narrow, wide, length)])]));
    }
}
