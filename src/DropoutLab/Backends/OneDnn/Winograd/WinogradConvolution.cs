using System.Runtime.Intrinsics;
using DropoutLab.Backends.Threading;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>
/// A convolution of stride 1 by polynomials' values: every tile and every kernel is transformed once, and what was a sum over
/// taps becomes one product a frequency.
/// </summary>
internal sealed unsafe class WinogradConvolution<TScheme> : DatumWork
    where TScheme : struct, ITileScheme
{
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
        matrix = KernelTransform<TScheme>.Matrix();
        frequencies = new PlanBuffer((long)WinogradGeometry<TScheme>.Frequencies * geometry.Inputs * geometry.Outputs * sizeof(float), "kernels' frequencies");
        scratch = new PlanBuffer(ScratchBytes * threads, "tiles' frequencies");
        weights = new Weights(this);
    }

    public override IEnumerable<PlanBuffer> Buffers =>
        bias is null ? [input, weight, output, frequencies, scratch] : [input, weight, bias, output, frequencies, scratch];

    public override IEnumerable<PlanBuffer> Rows => [input, output];

    private long ScratchBytes =>
        WinogradGeometry<TScheme>.BlockBytes(geometry.PaddedInputs) + WinogradGeometry<TScheme>.BlockBytes(geometry.Outputs);

    public override int DataAtOnce => geometry.ImagesAtOnce;

    public override ParallelKernel? Before => weights;

    public override void Run(int share, int begin, int end)
    {
        float* tiles = (float*)(scratch.Address + (nint)(share * ScratchBytes));
        float* products = tiles + WinogradGeometry<TScheme>.BlockBytes(geometry.PaddedInputs) / sizeof(float);
        int lastTile = end * geometry.TilesPerImage;
        for (int first = begin * geometry.TilesPerImage; first < lastTile; first += WinogradTiles.PerBlock)
            Block(first, Math.Min(WinogradTiles.PerBlock, lastTile - first), begin, share, tiles, products);
    }

    public override string ToString() =>
        $"Winograd convolution [{geometry.Batch}, {geometry.OutputHeight}, {geometry.OutputWidth}, {geometry.Outputs}] of {geometry.Inputs} channels";

    private void Block(int first, int count, int firstImage, int share, float* tiles, float* products)
    {
        WinogradGeometry<TScheme> g = geometry;
        int inputStride = WinogradGeometry<TScheme>.Stride(g.PaddedInputs), outputStride = WinogradGeometry<TScheme>.Stride(g.Outputs);
        for (int t = 0; t < count; t++)
        {
            (int image, int row, int column) = g.Place(first + t);
            float* from = (float*)input.Row(image, firstImage, share, g.InputBytes), to = (float*)output.Row(image, firstImage, share, g.OutputBytes);
            TileTransform<TScheme>.Prefetch(from, g.Width, g.Inputs, row - g.Padding + TScheme.Points, column);
            TileTransform<TScheme>.Prefetch(to, g.OutputWidth, g.Outputs, row, column);
            TileTransform<TScheme>.Input(
                from, g.Height, g.Width, g.Inputs, row - g.Padding, column - g.Padding, tiles + t * g.PaddedInputs, inputStride);
        }

        float* kernels = (float*)frequencies.Address;
        for (int f = 0; f < WinogradGeometry<TScheme>.Frequencies; f++)
        {
            FrequencyProducts.Multiply(
                tiles + (long)f * inputStride, g.PaddedInputs, kernels + (long)f * g.Inputs * g.Outputs,
                products + (long)f * outputStride, count, g.Inputs, g.Outputs);
        }

        for (int t = 0; t < count; t++)
        {
            (int image, int row, int column) = g.Place(first + t);
            float* to = (float*)output.Row(image, firstImage, share, g.OutputBytes);
            TileTransform<TScheme>.Output(
                products + t * g.Outputs, outputStride, to, g.OutputHeight, g.OutputWidth, g.Outputs, row, column,
                bias is null ? null : (float*)bias.Address, fuseRelu);
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
