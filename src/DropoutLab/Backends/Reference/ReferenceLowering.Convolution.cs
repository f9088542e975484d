using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends.Reference;

internal sealed partial class ReferenceLowering<T>
{
    private const int InputBlock = 16;

    private Kernel ForwardKernel(Value value, ConvolutionGeometry g)
    {
        Rows<T> x = Inputs(value.Inputs[0], g), z = Outputs(value, g);
        Whole<T> weight = Whole(value.Inputs[1]);
        Whole<T>? bias = value.Inputs.Count == 3 ? Whole(value.Inputs[2]) : null;
        T[] tapped = new T[g.Taps * g.Inputs * g.Outputs];
        return Loop(value, g.Batch, n =>
        {
            for (int pixel = 0; pixel < g.OutputHeight * g.OutputWidth; pixel++)
            {
                Span<T> sum = z[n].Slice(pixel * g.Outputs, g.Outputs);
                if (bias is { } b)
                    b.Span.CopyTo(sum);
                else
                    sum.Clear();
                foreach ((int tap, int at) in TapRange.Of(g, pixel))
                {
                    ReadOnlySpan<T> rows = tapped.AsSpan(tap * g.Inputs * g.Outputs, g.Inputs * g.Outputs);
                    SimdLoops.AddRowTimesMatrix(x[n].Slice(at * g.Inputs, g.Inputs), rows, sum);
                }
            }
        }, before: () => TapsOutermost(weight.Span, tapped, g, outputsLast: true));
    }

    private Kernel InputGradientKernel(Value value, ConvolutionGeometry g)
    {
        Rows<T> dz = Outputs(value.Inputs[0], g), dx = Inputs(value, g);
        Whole<T> weight = Whole(value.Inputs[1]);
        T[] tapped = new T[g.Taps * g.Inputs * g.Outputs];
        return Loop(value, g.Batch, n =>
        {
            dx[n].Clear();
            for (int pixel = 0; pixel < g.OutputHeight * g.OutputWidth; pixel++)
            {
                ReadOnlySpan<T> signal = dz[n].Slice(pixel * g.Outputs, g.Outputs);
                foreach ((int tap, int at) in TapRange.Of(g, pixel))
                {
                    ReadOnlySpan<T> rows = tapped.AsSpan(tap * g.Inputs * g.Outputs, g.Inputs * g.Outputs);
                    SimdLoops.AddRowTimesMatrix(signal, rows, dx[n].Slice(at * g.Inputs, g.Inputs));
                }
            }
        }, before: () => TapsOutermost(weight.Span, tapped, g, outputsLast: false));
    }

    /// <summary>
    /// Each item of the loop is a tap and a block of input channels, so that no two threads add to the same sum.
    /// </summary>
    private Kernel WeightGradientKernel(Value value, ConvolutionGeometry g)
    {
        Rows<T> x = Inputs(value.Inputs[0], g), dz = Outputs(value.Inputs[1], g);
        Whole<T> gradient = Whole(value);
        T[] tapped = new T[g.Taps * g.Inputs * g.Outputs];
        int blocks = (g.Inputs + InputBlock - 1) / InputBlock;
        return Loop(value, g.Taps * blocks, item =>
        {
            (int tap, int first) = (item / blocks, item % blocks * InputBlock);
            int count = Math.Min(InputBlock, g.Inputs - first);
            Span<T> sums = tapped.AsSpan((tap * g.Inputs + first) * g.Outputs, count * g.Outputs);
            sums.Clear();
            for (int n = 0; n < g.Batch; n++)
            {
                ReadOnlySpan<T> image = x[n], signal = dz[n];
                for (int pixel = 0; pixel < g.OutputHeight * g.OutputWidth; pixel++)
                {
                    if (TapRange.InputPixel(g, pixel, tap) is >= 0 and int at)
                        SimdLoops.AddOuterProduct(
                            image.Slice(at * g.Inputs + first, count), signal.Slice(pixel * g.Outputs, g.Outputs), sums);
                }
            }
        }, after: () => TapsInnermost(tapped, gradient.Span, g));
    }

    private Kernel BiasGradientKernel(Value value)
    {
        Whole<T> dz = Whole(value.Inputs[0]), gradient = Whole(value);
        int outputs = value.Shape[0];
        return Loop(value, outputs, o =>
        {
            T sum = T.Zero;
            for (int i = o; i < dz.Span.Length; i += outputs)
                sum += dz.Span[i];
            gradient.Span[o] = sum;
        });
    }

    private Rows<T> Inputs(Value value, in ConvolutionGeometry g) => Rows(value, g.Height * g.Width * g.Inputs);

    private Rows<T> Outputs(Value value, in ConvolutionGeometry g) => Rows(value, g.OutputHeight * g.OutputWidth * g.Outputs);

    /// <summary>OIHW to [tap, input, output] or [tap, output, input], so that the innermost loop is over neighbours.</summary>
    private static void TapsOutermost(ReadOnlySpan<T> weight, Span<T> tapped, ConvolutionGeometry g, bool outputsLast)
    {
        for (int o = 0; o < g.Outputs; o++)
        {
            for (int i = 0; i < g.Inputs; i++)
            {
                int place = outputsLast ? i * g.Outputs + o : o * g.Inputs + i;
                for (int tap = 0; tap < g.Taps; tap++)
                    tapped[tap * g.Inputs * g.Outputs + place] = weight[(o * g.Inputs + i) * g.Taps + tap];
            }
        }
    }

    /// <summary>[tap, input, output] to OIHW.</summary>
    private static void TapsInnermost(ReadOnlySpan<T> tapped, Span<T> weight, ConvolutionGeometry g)
    {
        for (int o = 0; o < g.Outputs; o++)
        {
            for (int i = 0; i < g.Inputs; i++)
            {
                for (int tap = 0; tap < g.Taps; tap++)
                    weight[(o * g.Inputs + i) * g.Taps + tap] = tapped[(tap * g.Inputs + i) * g.Outputs + o];
            }
        }
    }
}
