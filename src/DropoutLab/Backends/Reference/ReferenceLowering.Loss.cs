using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends.Reference;

internal sealed partial class ReferenceLowering<T>
{
    private Kernel SoftmaxCrossEntropyKernel(Value value, SoftmaxCrossEntropy loss)
    {
        Rows<T> logits = Rows(value.Inputs[0]);
        Whole<int> labels = Labels(value);
        Whole<T> result = Whole(value);
        T smoothing = T.CreateChecked(loss.LabelSmoothing);
        return Loop(value, 1, _ =>
        {
            T sum = T.Zero;
            for (int n = 0; n < labels.Span.Length; n++)
            {
                Span<T> z = logits[n];
                T expected = z[labels.Span[n]];
                if (loss.LabelSmoothing > 0)
                    expected += smoothing * (Mean(z) - expected);
                sum += LogSumExp(z) - expected;
            }

            result.Span[0] = sum / T.CreateChecked(labels.Span.Length);
        });
    }

    private Kernel SoftmaxCrossEntropyGradientKernel(Value value, SoftmaxCrossEntropy loss)
    {
        Rows<T> logits = Rows(value.Inputs[0]), gradient = Rows(value);
        Whole<int> labels = Labels(value);
        Whole<T> signal = Whole(value.Inputs[2]);
        T count = T.CreateChecked(value.Shape[0]), spread = T.CreateChecked(loss.LabelSmoothing / value.Shape[1]);
        T atLabel = T.CreateChecked(1 - loss.LabelSmoothing);
        return ForEachDatum(value, n =>
        {
            Span<T> z = logits[n], dz = gradient[n];
            T logSum = LogSumExp(z);
            for (int k = 0; k < z.Length; k++)
            {
                T target = k == labels.Span[n] ? atLabel + spread : spread;
                dz[k] = (T.Exp(z[k] - logSum) - target) / count * signal.Span[0];
            }
        });
    }

    private Kernel SquaredErrorKernel(Value value)
    {
        Whole<T> predictions = Whole(value.Inputs[0]), targets = Whole(value.Inputs[1]), result = Whole(value);
        return Loop(value, 1, _ =>
        {
            T sum = T.Zero;
            for (int i = 0; i < targets.Span.Length; i++)
            {
                T error = predictions.Span[i] - targets.Span[i];
                sum += error * error;
            }

            result.Span[0] = sum / T.CreateChecked(targets.Span.Length);
        });
    }

    private Kernel SquaredErrorGradientKernel(Value value)
    {
        Rows<T> predictions = Rows(value.Inputs[0]), targets = Rows(value.Inputs[1]), gradient = Rows(value);
        Whole<T> signal = Whole(value.Inputs[2]);
        T factor = T.CreateChecked(2.0 / value.Shape.Count);
        return ForEachDatum(value, n =>
        {
            Span<T> y = predictions[n], t = targets[n], dy = gradient[n];
            for (int k = 0; k < y.Length; k++)
                dy[k] = signal.Span[0] * factor * (y[k] - t[k]);
        });
    }

    private Kernel CorrectCountKernel(Value value)
    {
        Rows<T> logits = Rows(value.Inputs[0]);
        Whole<int> labels = Labels(value);
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

    private Whole<int> Labels(Value score) => new(builder.BufferOf(score.Inputs[1]), score.Inputs[1].Shape.Count);

    private static T LogSumExp(Span<T> z)
    {
        T largest = z[IndexOfLargest(z)], sum = T.Zero;
        foreach (T logit in z)
            sum += T.Exp(logit - largest);
        return T.Log(sum) + largest;
    }

    private static T Mean(Span<T> z)
    {
        T sum = T.Zero;
        foreach (T logit in z)
            sum += logit;
        return sum / T.CreateChecked(z.Length);
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
