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

    private Kernel ScaleKernel(Value value, T factor) => ElementwiseKernel(value, x => factor * x);

    private unsafe Kernel DrawKernel(Value value, DrawMask draw)
    {
        PlanBuffer bits = builder.BufferOf(value);
        int words = MaskKernels.WordsPerRow(value.Shape.CountPerDatum);
        StepState state = builder.State;
        MaskPattern pattern = new(draw.Mask.Sharing, draw.Shape.Axes);
        MaskStream stream = default;
        return Loop(
            value, value.Shape[0], n => pattern.DrawRow(stream, state.Datum(n), (ulong*)bits.Address + (long)n * words),
            before: () => stream = state.Stream(draw.Mask));
    }

    private Kernel MaskedKernel(Value value)
    {
        Rows<T> x = Rows(value.Inputs[0]), y = Rows(value);
        Rows<ulong> masks = new(builder.BufferOf(value.Inputs[1]), MaskKernels.WordsPerRow(value.Shape.CountPerDatum));
        RatioSchedule dropProbability = ((MaskOperator)value.Inputs[1].Operator).DropProbability;
        T scale = T.Zero;
        return Loop(
            value, value.Shape[0], Multiply, before: () => scale = T.CreateChecked(dropProbability.ScaleAt(builder.State.Step)));

        void Multiply(int n)
        {
            Span<T> from = x[n], to = y[n];
            Span<ulong> bits = masks[n];
            for (int i = 0; i < to.Length; i++)
                to[i] = ((bits[i / 64] >> (i % 64)) & 1) == 1 ? from[i] * scale : T.Zero;
        }
    }
}
