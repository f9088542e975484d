using System.Runtime.Intrinsics;
using DropoutLab.Backends.Threading;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>
/// A convolution by polynomials' values: every tile and every kernel is transformed once, and what was a sum over
/// taps becomes one product a frequency.
/// </summary>
internal sealed unsafe class WinogradConvolution<TScheme> : DatumWork
    where TScheme : struct, ITileScheme
{
    /// <summary>Tiles of a block, if strips have no more: enough for each kernel's way into the cache to pay.</summary>
    private const int TilesPerBlock = 12;

    private readonly WinogradGeometry<TScheme> geometry;
    private readonly PlanBuffer input;
    private readonly PlanBuffer weight;
    private readonly PlanBuffer? bias;
    private readonly PlanBuffer output;
    private readonly PlanBuffer frequencies;
    private readonly PlanBuffer scratch;
    private readonly bool turned;
    private readonly bool fuseRelu;
    private readonly float[] matrix;
    private readonly int strips;
    private readonly Weights weights;

    /// <param name="threads">How many threads there are.</param>
    /// <param name="geometry">The lengths; of the input's gradient, with the error signal as input.</param>
    /// <param name="input">NHWC.</param>
    /// <param name="weight">The forward convolution's, OIHW.</param>
    /// <param name="bias">One an output channel, or null.</param>
    /// <param name="output">NHWC.</param>
    /// <param name="turned">Whether the kernel is turned round and its channels swapped: for the input's gradient.</param>
    /// <param name="fuseRelu">Whether the larger of the result and 0 is stored.</param>
    public WinogradConvolution(
        int threads, WinogradGeometry<TScheme> geometry, PlanBuffer input, PlanBuffer weight, PlanBuffer? bias, PlanBuffer output,
        bool turned, bool fuseRelu)
    {
        (this.geometry, this.input, this.weight, this.bias, this.output) = (geometry, input, weight, bias, output);
        (this.turned, this.fuseRelu) = (turned, fuseRelu);
        matrix = TScheme.KernelMatrix();
        strips = geometry.WholeStripsOf(TilesPerBlock);
        frequencies = new PlanBuffer(
            (long)WinogradGeometry<TScheme>.Frequencies * geometry.Inputs * geometry.Outputs * sizeof(float),
            "kernels' frequencies");
        scratch = new PlanBuffer(ScratchFloats * sizeof(float) * threads, "tiles' frequencies");
        weights = new Weights(this);
    }

    public override IEnumerable<PlanBuffer> Buffers =>
        bias is null ? [input, weight, output, frequencies, scratch] : [input, weight, bias, output, frequencies, scratch];

    public override IEnumerable<PlanBuffer> Rows => [input, output];

    public override int DataAtOnce => geometry.ImagesAtOnce(strips);

    public override ParallelKernel? Before => weights;

    private long ScratchFloats => StripScratch<TScheme>.FloatsOf(geometry, strips);

    public override void Run(int share, int begin, int end)
    {
        StripScratch<TScheme> areas = new(geometry, strips, (float*)scratch.Address + share * ScratchFloats);
        areas.Clear();
        int last = end * geometry.StripsPerImage;
        for (int first = begin * geometry.StripsPerImage; first < last; first += strips)
            Block(first, Math.Min(strips, last - first), begin, share, areas);
    }

    public override string ToString() =>
        $"Winograd convolution [{geometry.Batch}, {geometry.OutputHeight}, {geometry.OutputWidth}, {geometry.Outputs}] of "
            + $"{geometry.Inputs} channels";

    private void Block(int first, int count, int firstImage, int share, in StripScratch<TScheme> areas)
    {
        WinogradGeometry<TScheme> g = geometry;
        float* offsets = bias is null ? null : (float*)bias.Address;
        for (int s = 0; s < count; s++)
        {
            (int image, int row, _) = g.Place(first + s);
            StripTransform<TScheme>.Input(
                (float*)input.Row(image, firstImage, share, g.InputBytes), g.Height, g.InputRow, row, areas.Zeros,
                areas.InputLine(0, s) + g.Padding * g.Inputs, areas.InputLines.Stride);
        }

        for (int line = 0; line < TScheme.Points; line++)
            Line(line, count, areas);
        for (int s = 0; s < count; s++)
        {
            (int image, _, int row) = g.Place(first + s);
            StripTransform<TScheme>.Output(
                areas.OutputLine(0, s), areas.OutputLines.Stride, (float*)output.Row(image, firstImage, share, g.OutputBytes),
                g.OutputHeight, g.OutputRow, row, areas.OutputTiles[0], offsets, g.Outputs, fuseRelu);
        }
    }

    /// <summary>The products of the frequencies that one frequency of the rows has.</summary>
    private void Line(int line, int count, in StripScratch<TScheme> areas)
    {
        WinogradGeometry<TScheme> g = geometry;
        int columns = g.TilesPerStrip;
        for (int s = 0; s < count; s++)
        {
            StripTransform<TScheme>.InputColumns(
                areas.InputLine(line, s), columns, g.Inputs, areas.InputTiles[0] + s * columns * g.Inputs, g.Inputs,
                areas.InputTiles.Stride);
        }

        float* kernels = (float*)frequencies.Address + (long)line * TScheme.Points * g.Inputs * g.Outputs;
        for (int f = 0; f < TScheme.Points; f++)
        {
            FrequencyProducts.Multiply(
                areas.InputTiles[f], g.Inputs, kernels + (long)f * g.Inputs * g.Outputs, areas.OutputTiles[f], count * columns,
                g.Inputs, g.Outputs);
        }

        for (int s = 0; s < count; s++)
        {
            StripTransform<TScheme>.OutputColumns(
                areas.OutputTiles[0] + s * columns * g.Outputs, areas.OutputTiles.Stride, columns, g.Outputs,
                areas.OutputLine(line, s));
        }
    }

    /// <summary>U [frequency, input, output] of all kernels.</summary>
    private sealed class Weights(WinogradConvolution<TScheme> owner) : ParallelKernel
    {
        protected override void RunShare(int share, int shareCount)
        {
            WinogradGeometry<TScheme> g = owner.geometry;
            int taps = TScheme.Kernel * TScheme.Kernel;
            float* from = (float*)owner.weight.Address, to = (float*)owner.frequencies.Address;
            (int begin, int end) = RangeOf(g.Inputs, share, shareCount);
            fixed (float* matrix = owner.matrix)
            {
                for (int i = begin; i < end; i++)
                {
                    for (int o = 0; o < g.Outputs; o += Vector256<float>.Count)
                    {
                        int pair = owner.turned ? i * g.Outputs + o : o * g.Inputs + i;
                        KernelTransform<TScheme>.Forward(
                            matrix, from + pair * taps, owner.turned ? taps : g.Inputs * taps, owner.turned,
                            to + i * g.Outputs + o, g.Inputs * g.Outputs);
                    }
                }
            }
        }
    }
}
