using System.Runtime.Intrinsics;
using DropoutLab.Backends.Threading;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>
/// The adjoint of <see cref="WinogradConvolution{TScheme}"/> in its weights: ∂J/∂w = Gᵀ(Σ over tiles of (BᵀXB)ᵀ(A·∂J/∂Z·Aᵀ))G,
/// and ∂J/∂b beside it. Each thread sums its own tiles; the sums are added in the threads' order, so that the result is the same
/// every time.
/// </summary>
internal sealed unsafe class WinogradWeightGradient<TScheme> : DatumWork
    where TScheme : struct, ITileScheme
{
    /// <summary>
    /// Tiles of a block, if strips have no more: as many products are added before a sum goes back to the cache.
    /// </summary>
    private const int TilesPerBlock = 24;

    /// <summary>
    /// Blocks that are added up before their sum joins the sum of all: rounding grows with the number of terms in a row.
    /// </summary>
    private const int BlocksPerSum = 32;

    private readonly WinogradGeometry<TScheme> geometry;
    private readonly PlanBuffer input;
    private readonly PlanBuffer signal;
    private readonly PlanBuffer gradient;
    private readonly PlanBuffer? biasGradient;
    private readonly PlanBuffer sums;
    private readonly PlanBuffer scratch;
    private readonly float[] matrix;
    private readonly int strips;
    private readonly int[] blocks;
    private readonly Finish finish;

    public WinogradWeightGradient(
        int threads, WinogradGeometry<TScheme> geometry, PlanBuffer input, PlanBuffer signal, PlanBuffer gradient,
        PlanBuffer? biasGradient)
    {
        (this.geometry, this.input, this.signal) = (geometry, input, signal);
        (this.gradient, this.biasGradient) = (gradient, biasGradient);
        matrix = TScheme.KernelMatrix();
        strips = geometry.StripsOf(TilesPerBlock);
        blocks = new int[threads];
        LevelCount = geometry.Batch / threads * geometry.StripsPerImage > BlocksPerSum * strips ? 2 : 1;
        sums = new PlanBuffer(SumFloats * sizeof(float) * LevelCount * threads, "kernels' frequencies, sums of each thread");
        scratch = new PlanBuffer(ScratchFloats * sizeof(float) * threads, "tiles' frequencies");
        finish = new Finish(this);
    }

    public override IEnumerable<PlanBuffer> Buffers => [input, signal, .. Sums, sums, scratch];

    public override IEnumerable<PlanBuffer> Rows => [input, signal];

    public override IEnumerable<PlanBuffer> Sums => biasGradient is null ? [gradient] : [gradient, biasGradient];

    public override int DataAtOnce => geometry.ImagesAtOnce(strips);

    public override ParallelKernel? After => finish;

    /// <summary>Levels of a thread's sums: the sum of all, and where there are many terms, that of the last few.</summary>
    private int LevelCount { get; }

    /// <summary>A sum: the frequencies of all kernels, then the biases.</summary>
    private long SumFloats => Frequencies * geometry.SummedInputs * geometry.Outputs + geometry.Outputs;

    private long ScratchFloats => StripScratch<TScheme>.FloatsOf(geometry, strips);

    private static long Frequencies => WinogradGeometry<TScheme>.Frequencies;

    public override void Begin() => Array.Clear(blocks);

    public override void Run(int share, int begin, int end)
    {
        StripScratch<TScheme> areas = new(geometry, strips, (float*)scratch.Address + share * ScratchFloats);
        areas.Clear();
        int last = end * geometry.StripsPerImage;
        for (int first = begin * geometry.StripsPerImage; first < last; first += strips)
        {
            OpenSum(share);
            Block(first, Math.Min(strips, last - first), begin, share, areas, SumOf(share, LevelCount - 1));
        }
    }

    public override string ToString() =>
        $"Winograd weight gradient [{geometry.Outputs}, {geometry.Inputs}, {TScheme.Kernel}, {TScheme.Kernel}]";

    private float* SumOf(int share, int level) => (float*)sums.Address + (share * LevelCount + level) * SumFloats;

    /// <summary>Makes room for a block: all sums before the first, that of the last few after every few.</summary>
    private void OpenSum(int share)
    {
        int before = blocks[share]++;
        if (before == 0)
        {
            new Span<float>(SumOf(share, 0), (int)(SumFloats * LevelCount)).Clear();
        }
        else if (LevelCount == 2 && before % BlocksPerSum == 0)
        {
            Add(SumOf(share, 1), SumOf(share, 0), SumFloats);
            new Span<float>(SumOf(share, 1), (int)SumFloats).Clear();
        }
    }

    private void Block(int first, int count, int firstImage, int share, in StripScratch<TScheme> areas, float* sum)
    {
        WinogradGeometry<TScheme> g = geometry;
        for (int s = 0; s < count; s++)
        {
            (int image, int inputRow, int row) = g.Place(first + s);
            float* x = (float*)input.Row(image, firstImage, share, g.InputBytes),
                dz = (float*)signal.Row(image, firstImage, share, g.OutputBytes);
            StripTransform<TScheme>.Input(
                x, g.Height, g.InputRow, inputRow, areas.Zeros, areas.InputLine(0, s) + g.Padding * g.Inputs,
                areas.InputLines.Stride);
            StripTransform<TScheme>.OutputAdjoint(
                dz, g.OutputHeight, g.OutputRow, row, areas.Zeros, areas.OutputLine(0, s), areas.OutputLines.Stride);
            if (biasGradient is not null)
                AddPixels(dz, row, sum + Frequencies * g.SummedInputs * g.Outputs);
        }

        for (int line = 0; line < TScheme.Points; line++)
            Line(line, count, areas, sum + (long)line * TScheme.Points * g.SummedInputs * g.Outputs);
    }

    /// <summary>Adds the products of the frequencies that one frequency of the rows has.</summary>
    private void Line(int line, int count, in StripScratch<TScheme> areas, float* sum)
    {
        WinogradGeometry<TScheme> g = geometry;
        int columns = g.TilesPerStrip;
        for (int s = 0; s < count; s++)
        {
            StripTransform<TScheme>.InputColumns(
                areas.InputLine(line, s), columns, g.Inputs, areas.InputTiles[0] + s * columns * g.PaddedInputs, g.PaddedInputs,
                areas.InputTiles.Stride);
            StripTransform<TScheme>.OutputAdjointColumns(
                areas.OutputLine(line, s), columns, g.Outputs, areas.OutputTiles[0] + s * columns * g.Outputs,
                areas.OutputTiles.Stride);
        }

        for (int f = 0; f < TScheme.Points; f++)
        {
            FrequencyProducts.AddTransposed(
                areas.InputTiles[f], g.PaddedInputs, areas.OutputTiles[f], sum + (long)f * g.SummedInputs * g.Outputs,
                count * columns, g.SummedInputs, g.Outputs);
        }
    }

    private void AddPixels(float* dz, int row, float* sum)
    {
        float* end = dz + (long)Math.Min(row + TScheme.Outputs, geometry.OutputHeight) * geometry.OutputRow;
        for (float* pixel = dz + (long)row * geometry.OutputRow; pixel < end; pixel += geometry.Outputs)
            Add(pixel, sum, geometry.Outputs);
    }

    private static void Add(float* from, float* to, long count)
    {
        for (long i = 0; i < count; i += Vector256<float>.Count)
            (Vector256.Load(to + i) + Vector256.Load(from + i)).Store(to + i);
    }

    /// <summary>Adds the threads' sums and transforms them back, a share of the inputs each thread.</summary>
    private sealed class Finish(WinogradWeightGradient<TScheme> owner) : ParallelKernel
    {
        protected override void RunShare(int share, int shareCount)
        {
            WinogradGeometry<TScheme> g = owner.geometry;
            int pairs = g.SummedInputs * g.Outputs, taps = TScheme.Kernel * TScheme.Kernel;
            (int begin, int end) = RangeOf(g.Inputs, share, shareCount);
            for (int f = 0; f < Frequencies; f++)
                AddSums((long)f * pairs + begin * g.Outputs, (end - begin) * g.Outputs);
            fixed (float* matrix = owner.matrix)
            {
                for (int i = begin; i < end; i++)
                {
                    for (int o = 0; o < g.Outputs; o += Vector256<float>.Count)
                    {
                        KernelTransform<TScheme>.Adjoint(
                            matrix, owner.SumOf(0, 0) + i * g.Outputs + o, pairs,
                            (float*)owner.gradient.Address + (o * g.Inputs + i) * taps, g.Inputs * taps);
                    }
                }
            }

            if (share == 0 && owner.biasGradient is { } bias)
            {
                AddSums(Frequencies * pairs, g.Outputs);
                new Span<float>(owner.SumOf(0, 0) + Frequencies * pairs, g.Outputs)
                    .CopyTo(new Span<float>((void*)bias.Address, g.Outputs));
            }
        }

        /// <summary>Into the first thread's sum; a thread that got no datum has none.</summary>
        private void AddSums(long at, int count)
        {
            float* to = owner.SumOf(0, 0) + at;
            if (owner.blocks[0] == 0)
                new Span<float>(to, count).Clear();
            for (int share = 0; share < owner.blocks.Length; share++)
            {
                for (int level = 0; level < owner.LevelCount; level++)
                {
                    if (owner.blocks[share] > 0 && share + level > 0)
                        Add(owner.SumOf(share, level) + at, to, count);
                }
            }
        }
    }
}
