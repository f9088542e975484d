using DropoutLab.Backends.Threading;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>
/// A 5×5 convolution of stride 1 by polynomials' values: every 8×8 tile and every kernel is transformed once, and what was a sum over
/// taps becomes one product a frequency, 64 instead of 25·16 multiplications a tile and pair of channels. The rounding error is about six times the plain sum's, 2·10⁻⁶ of the norm.
/// </summary>
internal sealed unsafe class WinogradConvolution : Kernel
{
    private readonly WinogradGeometry geometry;
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
        ThreadTeam team, WinogradGeometry geometry, PlanBuffer input, PlanBuffer weight, PlanBuffer? bias, PlanBuffer output,
        bool turned, bool fuseRelu)
    {
        (this.team, this.geometry, this.input, this.weight, this.bias, this.output) = (team, geometry, input, weight, bias, output);
        (this.turned, this.fuseRelu) = (turned, fuseRelu);
        matrix = KernelTransform.Matrix();
        frequencies = new PlanBuffer(64L * geometry.Inputs * geometry.Outputs * sizeof(float), "kernels' frequencies");
        scratch = new PlanBuffer(ScratchBytes * team.ThreadCount, "tiles' frequencies");
        weights = new Weights(this);
        tiles = new Tiles(this);
    }

    public override IEnumerable<PlanBuffer> Buffers =>
        bias is null ? [input, weight, output, frequencies, scratch] : [input, weight, bias, output, frequencies, scratch];

    private long ScratchBytes =>
        WinogradGeometry.BlockBytes(geometry.PaddedInputs) + WinogradGeometry.BlockBytes(geometry.Outputs);

    public override void Run()
    {
        team.Run(weights);
        team.Run(tiles);
    }

    public override string ToString() =>
        $"Winograd convolution [{geometry.Batch}, {geometry.OutputHeight}, {geometry.OutputWidth}, {geometry.Outputs}] of {geometry.Inputs} channels";

    /// <summary>U [frequency, input, output] of all kernels.</summary>
    private sealed class Weights(WinogradConvolution owner) : ParallelKernel
    {
        protected override void RunShare(int share, int shareCount)
        {
            WinogradGeometry g = owner.geometry;
            const int Taps = WinogradGeometry.Kernel * WinogradGeometry.Kernel;
            float* from = (float*)owner.weight.Address, to = (float*)owner.frequencies.Address;
            (int begin, int end) = RangeOf(g.Inputs, share, shareCount);
            fixed (float* matrix = owner.matrix)
            {
                for (int i = begin; i < end; i++)
                {
                    for (int o = 0; o < g.Outputs; o++)
                    {
                        int pair = owner.turned ? i * g.Outputs + o : o * g.Inputs + i;
                        KernelTransform.Forward(
                            matrix, from + pair * Taps, owner.turned, to + i * g.Outputs + o, g.Inputs * g.Outputs);
                    }
                }
            }
        }
    }

    private sealed class Tiles(WinogradConvolution owner) : ParallelKernel
    {
        protected override void RunShare(int share, int shareCount)
        {
            float* tiles = (float*)(owner.scratch.Address + (nint)(share * owner.ScratchBytes));
            float* products = tiles + WinogradGeometry.BlockBytes(owner.geometry.PaddedInputs) / sizeof(float);
            (int begin, int end) = RangeOf(owner.geometry.BlockCount, share, shareCount);
            for (int block = begin; block < end; block++)
                Block(block * WinogradGeometry.TilesPerBlock, tiles, products);
        }

        private void Block(int first, float* tiles, float* products)
        {
            WinogradGeometry g = owner.geometry;
            int count = Math.Min(WinogradGeometry.TilesPerBlock, g.TileCount - first);
            int inputStride = WinogradGeometry.Stride(g.PaddedInputs), outputStride = WinogradGeometry.Stride(g.Outputs);
            for (int t = 0; t < count; t++)
            {
                (int image, int row, int column) = g.Place(first + t);
                float* from = (float*)owner.input.Address + (long)image * g.Height * g.Width * g.Inputs;
                TileTransform.Input(
                    from, g.Height, g.Width, g.Inputs, row - g.Padding, column - g.Padding, tiles + t * g.PaddedInputs, inputStride);
            }

            float* frequencies = (float*)owner.frequencies.Address;
            for (int f = 0; f < 64; f++)
            {
                FrequencyProducts.Multiply(
                    tiles + (long)f * inputStride, g.PaddedInputs, frequencies + (long)f * g.Inputs * g.Outputs,
                    products + (long)f * outputStride, g.Inputs, g.Outputs);
            }

            for (int t = 0; t < count; t++)
            {
                (int image, int row, int column) = g.Place(first + t);
                float* to = (float*)owner.output.Address + (long)image * g.OutputHeight * g.OutputWidth * g.Outputs;
                float* bias = owner.bias is null ? null : (float*)owner.bias.Address;
                TileTransform.Output(
                    products + t * g.Outputs, outputStride, to, g.OutputHeight, g.OutputWidth, g.Outputs, row, column,
                    bias, owner.fuseRelu);
            }
        }
    }
}
