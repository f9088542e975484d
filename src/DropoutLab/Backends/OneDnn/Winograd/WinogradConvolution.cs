using System.Runtime.Intrinsics;
using DropoutLab.Backends.Threading;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>
/// A convolution of stride 1 by polynomials' values: every 8×8 tile and every kernel is transformed once, and what was a sum over
/// taps becomes one product a frequency.
/// </summary>
internal sealed unsafe class WinogradConvolution<TScheme> : Kernel
    where TScheme : struct, ITileScheme
{
    private readonly WinogradGeometry<TScheme> geometry;
    private readonly ThreadTeam team;
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
    private readonly Tiles tiles;

    /// <param name="team">The threads.</param>
    /// <param name="geometry">The lengths; of the input's gradient, with the error signal as input.</param>
    /// <param name="input">NHWC.</param>
    /// <param name="weight">The forward convolution's, OIHW.</param>
    /// <param name="bias">One an output channel, or null.</param>
    /// <param name="output">NHWC.</param>
    /// <param name="turned">Whether the kernel is turned round and its channels swapped: for the input's gradient.</param>
    /// <param name="fuseRelu">Whether the larger of the result and 0 is stored.</param>
    public WinogradConvolution(
        ThreadTeam team, WinogradGeometry<TScheme> geometry, PlanBuffer input, PlanBuffer weight, PlanBuffer? bias, PlanBuffer output,
        bool turned, bool fuseRelu)
    {
        (this.team, this.geometry, this.input, this.weight, this.bias, this.output) = (team, geometry, input, weight, bias, output);
        (this.turned, this.fuseRelu) = (turned, fuseRelu);
        matrix = KernelTransform<TScheme>.Matrix();
        frequencies = new PlanBuffer((long)WinogradGeometry<TScheme>.Frequencies * geometry.Inputs * geometry.Outputs * sizeof(float), "kernels' frequencies");
        scratch = new PlanBuffer(ScratchBytes * team.ThreadCount, "tiles' frequencies");
        weights = new Weights(this);
        tiles = new Tiles(this);
    }

    public override IEnumerable<PlanBuffer> Buffers =>
        bias is null ? [input, weight, output, frequencies, scratch] : [input, weight, bias, output, frequencies, scratch];

    private long ScratchBytes =>
        WinogradGeometry<TScheme>.BlockBytes(geometry.PaddedInputs) + WinogradGeometry<TScheme>.BlockBytes(geometry.Outputs);

    public override void Run()
    {
        team.Run(weights);
        team.Run(tiles);
    }

    public override string ToString() =>
        $"Winograd convolution [{geometry.Batch}, {geometry.OutputHeight}, {geometry.OutputWidth}, {geometry.Outputs}] of {geometry.Inputs} channels";

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

    private sealed class Tiles(WinogradConvolution<TScheme> owner) : ParallelKernel
    {
        protected override void RunShare(int share, int shareCount)
        {
            float* tiles = (float*)(owner.scratch.Address + (nint)(share * owner.ScratchBytes));
            float* products = tiles + WinogradGeometry<TScheme>.BlockBytes(owner.geometry.PaddedInputs) / sizeof(float);
            (int begin, int end) = RangeOf(owner.geometry.BlockCount, share, shareCount);
            for (int block = begin; block < end; block++)
                Block(block * WinogradTiles.PerBlock, tiles, products);
        }

        private void Block(int first, float* tiles, float* products)
        {
            WinogradGeometry<TScheme> g = owner.geometry;
            int count = Math.Min(WinogradTiles.PerBlock, g.TileCount - first);
            int inputStride = WinogradGeometry<TScheme>.Stride(g.PaddedInputs), outputStride = WinogradGeometry<TScheme>.Stride(g.Outputs);
            for (int t = 0; t < count; t++)
            {
                (int image, int row, int column) = g.Place(first + t);
                float* from = (float*)owner.input.Address + (long)image * g.Height * g.Width * g.Inputs;
                TileTransform<TScheme>.Prefetch(from, g.Width, g.Inputs, row - g.Padding + TScheme.Points, column);
                TileTransform<TScheme>.Prefetch(Output(image), g.OutputWidth, g.Outputs, row, column);
                TileTransform<TScheme>.Input(
                    from, g.Height, g.Width, g.Inputs, row - g.Padding, column - g.Padding, tiles + t * g.PaddedInputs, inputStride);
            }

            float* frequencies = (float*)owner.frequencies.Address;
            for (int f = 0; f < WinogradGeometry<TScheme>.Frequencies; f++)
            {
                FrequencyProducts.Multiply(
                    tiles + (long)f * inputStride, g.PaddedInputs, frequencies + (long)f * g.Inputs * g.Outputs,
                    products + (long)f * outputStride, g.Inputs, g.Outputs);
            }

            for (int t = 0; t < count; t++)
            {
                (int image, int row, int column) = g.Place(first + t);
                float* bias = owner.bias is null ? null : (float*)owner.bias.Address;
                TileTransform<TScheme>.Output(
                    products + t * g.Outputs, outputStride, Output(image), g.OutputHeight, g.OutputWidth, g.Outputs, row, column,
                    bias, owner.fuseRelu);
            }
        }

        private float* Output(int image) =>
            (float*)owner.output.Address + (long)image * owner.geometry.OutputHeight * owner.geometry.OutputWidth * owner.geometry.Outputs;
    }
}
