using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using DropoutLab.Backends.Threading;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>
/// The adjoint of <see cref="WinogradConvolution{TScheme}"/> in its weights: ∂J/∂w = Gᵀ(Σ over tiles of (BᵀXB)ᵀ(A·∂J/∂Z·Aᵀ))G, and ∂J/∂b beside
/// it. Each thread sums its own tiles; the sums are added in the threads' order, so that the result is the same every time.
/// </summary>
internal sealed unsafe class WinogradWeightGradient<TScheme> : Kernel
    where TScheme : struct, ITileScheme
{
    /// <summary>Blocks that are added up before their sum joins the sum of all: rounding grows with the number of terms in a row.</summary>
    private const int BlocksPerSum = 32;

    private readonly WinogradGeometry<TScheme> geometry;
    private readonly ThreadTeam team;
    private readonly PlanBuffer input;
    private readonly PlanBuffer signal;
    private readonly PlanBuffer gradient;
    private readonly PlanBuffer? biasGradient;
    private readonly PlanBuffer sums;
    private readonly PlanBuffer part;
    private readonly PlanBuffer scratch;
    private readonly float[] matrix;
    private readonly Tiles tiles;
    private readonly Finish finish;

    public WinogradWeightGradient(
        ThreadTeam team, WinogradGeometry<TScheme> geometry, PlanBuffer input, PlanBuffer signal, PlanBuffer gradient, PlanBuffer? biasGradient)
    {
        (this.team, this.geometry, this.input, this.signal) = (team, geometry, input, signal);
        (this.gradient, this.biasGradient) = (gradient, biasGradient);
        matrix = KernelTransform<TScheme>.Matrix();
        sums = new PlanBuffer(SumFloats * sizeof(float) * team.ThreadCount, "kernels' frequencies, a sum a thread");
        part = new PlanBuffer(SumFloats * sizeof(float) * team.ThreadCount, "a part of them");
        scratch = new PlanBuffer(ScratchBytes * team.ThreadCount, "tiles' frequencies");
        tiles = new Tiles(this);
        finish = new Finish(this);
    }

    public override IEnumerable<PlanBuffer> Buffers =>
        biasGradient is null ? [input, signal, gradient, sums, part, scratch] : [input, signal, gradient, biasGradient, sums, part, scratch];

    /// <summary>A thread's sums: the frequencies of all kernels, then the biases.</summary>
    private long SumFloats => (long)WinogradGeometry<TScheme>.Frequencies * geometry.SummedInputs * geometry.Outputs + geometry.Outputs;

    private long ScratchBytes =>
        WinogradGeometry<TScheme>.BlockBytes(geometry.PaddedInputs) + WinogradGeometry<TScheme>.BlockBytes(geometry.Outputs);

    public override void Run()
    {
        team.Run(tiles);
        team.Run(finish);
    }

    public override string ToString() =>
        $"Winograd weight gradient [{geometry.Outputs}, {geometry.Inputs}, {TScheme.Kernel}, {TScheme.Kernel}]";

    private float* Sums(int share) => (float*)sums.Address + share * SumFloats;

    private sealed class Tiles(WinogradWeightGradient<TScheme> owner) : ParallelKernel
    {
        protected override void RunShare(int share, int shareCount)
        {
            Span<float> sums = new(owner.Sums(share), (int)owner.SumFloats);
            sums.Clear();
            float* tiles = (float*)(owner.scratch.Address + (nint)(share * owner.ScratchBytes));
            float* signals = tiles + WinogradGeometry<TScheme>.BlockBytes(owner.geometry.PaddedInputs) / sizeof(float);
            (int begin, int end) = RangeOf(owner.geometry.BlockCount, share, shareCount);
            if (end - begin <= BlocksPerSum)
            {
                Blocks(begin, end, tiles, signals, owner.Sums(share));
            }
            else
            {
                float* part = (float*)owner.part.Address + share * owner.SumFloats;
                Span<float> partSums = new(part, sums.Length);
                for (int first = begin; first < end; first += BlocksPerSum)
                {
                    partSums.Clear();
                    Blocks(first, Math.Min(first + BlocksPerSum, end), tiles, signals, part);
                    TensorPrimitives.Add(sums, partSums, sums);
                }
            }

            for (int other = shareCount; share == 0 && other < owner.team.ThreadCount; other++)
                new Span<float>(owner.Sums(other), (int)owner.SumFloats).Clear(); // a smaller team than asked for
        }

        private void Blocks(int begin, int end, float* tiles, float* signals, float* sums)
        {
            for (int block = begin; block < end; block++)
                Block(block * WinogradTiles.PerBlock, tiles, signals, sums);
        }

        private void Block(int first, float* tiles, float* signals, float* sums)
        {
            WinogradGeometry<TScheme> g = owner.geometry;
            int inputStride = WinogradGeometry<TScheme>.Stride(g.PaddedInputs), outputStride = WinogradGeometry<TScheme>.Stride(g.Outputs);
            int count = Math.Min(WinogradTiles.PerBlock, g.TileCount - first);
            for (int t = 0; t < count; t++)
            {
                (int image, int row, int column) = g.Place(first + t);
                float* x = (float*)owner.input.Address + (long)image * g.Height * g.Width * g.Inputs;
                float* dz = (float*)owner.signal.Address + (long)image * g.OutputHeight * g.OutputWidth * g.Outputs;
                TileTransform<TScheme>.Prefetch(x, g.Width, g.Inputs, row - g.Padding + TScheme.Points, column);
                TileTransform<TScheme>.Prefetch(dz, g.OutputWidth, g.Outputs, row + TScheme.Outputs, column);
                TileTransform<TScheme>.Input(x, g.Height, g.Width, g.Inputs, row - g.Padding, column - g.Padding, tiles + t * g.PaddedInputs, inputStride);
                TileTransform<TScheme>.OutputAdjoint(
                    dz, g.OutputHeight, g.OutputWidth, g.Outputs, row, column, signals + t * g.Outputs, outputStride);
                if (owner.biasGradient is not null)
                    AddPixels(dz, row, column, sums + (long)WinogradGeometry<TScheme>.Frequencies * g.SummedInputs * g.Outputs);
            }

            for (int f = 0; f < WinogradGeometry<TScheme>.Frequencies; f++)
            {
                FrequencyProducts.AddTransposed(
                    tiles + (long)f * inputStride, g.PaddedInputs, signals + (long)f * outputStride,
                    sums + (long)f * g.SummedInputs * g.Outputs, count, g.SummedInputs, g.Outputs);
            }
        }

        private void AddPixels(float* dz, int row, int column, float* sums)
        {
            WinogradGeometry<TScheme> g = owner.geometry;
            for (int y = row; y < Math.Min(row + TScheme.Outputs, g.OutputHeight); y++)
            {
                for (int x = column; x < Math.Min(column + TScheme.Outputs, g.OutputWidth); x++)
                {
                    float* pixel = dz + ((long)y * g.OutputWidth + x) * g.Outputs;
                    for (int o = 0; o < g.Outputs; o += Vector256<float>.Count)
                        (Vector256.Load(sums + o) + Vector256.Load(pixel + o)).Store(sums + o);
                }
            }
        }
    }

    /// <summary>Adds the threads' sums and transforms them back.</summary>
    private sealed class Finish(WinogradWeightGradient<TScheme> owner) : ParallelKernel
    {
        protected override void RunShare(int share, int shareCount)
        {
            WinogradGeometry<TScheme> g = owner.geometry;
            int pairs = g.SummedInputs * g.Outputs, taps = TScheme.Kernel * TScheme.Kernel;
            (int begin, int end) = RangeOf(g.Inputs, share, shareCount);
            for (int thread = 1; thread < owner.team.ThreadCount; thread++)
            {
                for (int f = 0; f < WinogradGeometry<TScheme>.Frequencies; f++)
                    Add(owner.Sums(thread) + (long)f * pairs, owner.Sums(0) + (long)f * pairs, begin * g.Outputs, end * g.Outputs);
            }

            fixed (float* matrix = owner.matrix)
            {
                for (int i = begin; i < end; i++)
                {
                    for (int o = 0; o < g.Outputs; o += Vector256<float>.Count)
                    {
                        KernelTransform<TScheme>.Adjoint(
                            matrix, owner.Sums(0) + i * g.Outputs + o, pairs,
                            (float*)owner.gradient.Address + (o * g.Inputs + i) * taps, g.Inputs * taps);
                    }
                }
            }

            if (share == 0 && owner.biasGradient is not null)
                Bias((long)WinogradGeometry<TScheme>.Frequencies * pairs);
        }

        private void Bias(long at)
        {
            float* to = (float*)owner.biasGradient!.Address;
            new Span<float>(to, owner.geometry.Outputs).Clear();
            for (int thread = 0; thread < owner.team.ThreadCount; thread++)
                Add(owner.Sums(thread) + at, to, 0, owner.geometry.Outputs);
        }

        private static void Add(float* from, float* to, int begin, int end)
        {
            for (int i = begin; i < end; i += Vector256<float>.Count)
                (Vector256.Load(to + i) + Vector256.Load(from + i)).Store(to + i);
        }
    }
}
