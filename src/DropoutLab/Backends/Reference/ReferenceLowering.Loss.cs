using DropoutLab.Graph;

namespace DropoutLab.Backends.Reference;

internal sealed partial class ReferenceLowering<T>
{
    private Kernel SoftmaxCrossEntropyKernel(Value value)
    {
        Rows<T> logits = Rows(value.Inputs[0]);
        Whole<int> labels = new(builder.BufferOf(value.Inputs[1]), value.Inputs[1].Shape.Count);
        Whole<T> loss = Whole(value);
        return Loop(value, 1, _ =>
        {
            T sum = T.Zero;
            for (int n = 0; n < labels.Span.Length; n++)
            {
                Span<T> z = logits[n];
                sum += LogSumExp(z) - z[labels.Span[n]];
            }

            loss.Span[0] = sum / T.CreateChecked(labels.Span.Length);
        });
    }

    private Kernel SoftmaxCrossEntropyGradientKernel(Value value)
    {
        Rows<T> logits = Rows(value.Inputs[0]), gradient = Rows(value);
        Whole<int> labels = new(builder.BufferOf(value.Inputs[1]), value.Inputs[1].Shape.Count);
        T count = T.CreateChecked(value.Shape[0]);
        return ForEachDatum(value, n =>
        {
            Span<T> z = logits[n], dz = gradient[n];
            T logSum = LogSumExp(z);
            for (int k = 0; k < z.Length; k++)
                dz[k] = (T.Exp(z[k] - logSum) - (k == labels.Span[n] ? T.One : T.Zero)) / count;
        });
    }

    private Kernel CorrectCountKernel(Value value)
    {
        Rows<T> logits = Rows(value.Inputs[0]);
        Whole<int> labels = new(builder.BufferOf(value.Inputs[1]), value.Inputs[1].Shape.Count);
        Whole<T> count = Whole(value);
        return Loop(value, 1, _ =>
        {
            count.Span[0] = T.Zero;
            for (int n = 0; n < labels.Span.Length; n++)
            {
                if (IndexOfLargest(logits[n]) == labels.Span[n])
                    count.Span[0] += T.One;
            }
        });
    }

    private static T LogSumExp(Span<T> z)
    {
        T largest = z[IndexOfLargest(z)], sum = T.Zero;
        foreach (T logit in z)
            sum += T.Exp(logit - largest);
        return T.Log(sum) + largest;
    }

    private static int IndexOfLargest(Span<T> z)
    {
        int best = 0;
        for (int k = 1; k < z.Length; k++)
        {
            if (z[k] > z[best])
                best = k;
        }

        return best;
    }
}
