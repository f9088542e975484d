using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends.Reference;

internal sealed partial class ReferenceLowering<T>
{
    private Kernel ElementwiseKernel(Value value, Func<T, T> function)
    {
        Rows<T> x = Rows(value.Inputs[0]), y = Rows(value);
        return ForEachDatum(value, n =>
        {
            Span<T> from = x[n], to = y[n];
            for (int i = 0; i < to.Length; i++)
                to[i] = function(from[i]);
        });
    }

    private Kernel ElementwiseKernel(Value value, Func<T, T, T> function)
    {
        Rows<T> a = Rows(value.Inputs[0]), b = Rows(value.Inputs[1]), y = Rows(value);
        return ForEachDatum(value, n =>
        {
            Span<T> left = a[n], right = b[n], to = y[n];
            for (int i = 0; i < to.Length; i++)
                to[i] = function(left[i], right[i]);
        });
    }

    private unsafe Kernel DrawKernel(Value value, MaskSource source)
    {
        PlanBuffer bits = builder.BufferOf(value);
        int words = ElementAccess.MaskWords(value.Shape), features = value.Shape.CountPerDatum;
        return ForEachDatum(value, n => MaskRow.Draw(source, builder.State, n, (ulong*)bits.Address + (long)n * words, features));
    }

    private Kernel MaskedKernel(Value value)
    {
        Rows<T> x = Rows(value.Inputs[0]), y = Rows(value);
        Rows<ulong> mask = new(builder.BufferOf(value.Inputs[1]), ElementAccess.MaskWords(value.Shape));
        T scale = T.CreateChecked(((DrawMask)value.Inputs[1].Operator).Mask.Scale);
        return ForEachDatum(value, n =>
        {
            Span<T> from = x[n], to = y[n];
            Span<ulong> bits = mask[n];
            for (int i = 0; i < to.Length; i++)
                to[i] = ((bits[i / 64] >> (i % 64)) & 1) == 1 ? from[i] * scale : T.Zero;
        });
    }
}
