using System.Runtime.InteropServices;
using DropoutLab.Backends;
using DropoutLab.Backends.Threading;
using DropoutLab.Dropout;

namespace DropoutLab.Benchmarks.Masks;

/// <summary>What passes of the mask kernels go over: an array [rows × features], its product, and the mask's bits.</summary>
internal sealed unsafe class MaskMemory : IDisposable
{
    private readonly Precision precision;
    private readonly int features;
    private readonly int rows;
    private readonly int wordsPerRow;
    private readonly NativeMemoryBlock source;
    private readonly NativeMemoryBlock destination;
    private readonly NativeMemoryBlock bits;

    /// <param name="precision">What an element is.</param>
    /// <param name="features">Elements of a row.</param>
    /// <param name="bytes">Of each of the two arrays; rounded down to whole rows.</param>
    public MaskMemory(Precision precision, int features, long bytes)
    {
        this.precision = precision;
        this.features = features;
        rows = (int)(bytes / RowBytes);
        wordsPerRow = MaskKernels.WordsPerRow(features);
        source = new NativeMemoryBlock(rows * RowBytes);
        destination = new NativeMemoryBlock(rows * RowBytes);
        bits = new NativeMemoryBlock((long)rows * wordsPerRow * sizeof(ulong));
        FillWithOnes();
    }

    public long Elements => (long)rows * features;

    public int ElementBytes => precision.ActivationBytes();

    private long RowBytes => (long)features * ElementBytes;

    /// <summary>Copies the array, a stretch in one call on each thread.</summary>
    public LoopKernel Copy(ThreadTeam team) => new("copy", team, team.ThreadCount, [], share =>
    {
        long begin = source.ByteSize * share / team.ThreadCount;
        long end = source.ByteSize * (share + 1) / team.ThreadCount;
        Buffer.MemoryCopy((byte*)source.Address + begin, (byte*)destination.Address + begin, end - begin, end - begin);
    });

    /// <summary>Draws the bits.</summary>
    public LoopKernel Draw(ThreadTeam team, MaskStream stream) =>
        new("draw", team, rows, [], row => MaskKernels.DrawRow(stream, (uint)row, Bits(row), features));

    /// <summary>Multiplies with whatever bits there are.</summary>
    public LoopKernel Multiply(ThreadTeam team, float scale) => new("multiply", team, rows, [], precision == Precision.Float32
        ? row => MaskKernels.MultiplyRow(Bits(row), Floats(source, row), Floats(destination, row), features, scale)
        : row => MaskKernels.MultiplyRow(Bits(row), BFloat16s(source, row), BFloat16s(destination, row), features, scale));

    /// <summary>Draws the bits, keeps them and multiplies.</summary>
    public LoopKernel DrawMultiply(ThreadTeam team, MaskStream stream) =>
        new("draw, multiply", team, rows, [], precision == Precision.Float32
            ? row => MaskKernels.DrawMultiplyRow(
                stream, (uint)row, Bits(row), Floats(source, row), Floats(destination, row), features, (float)stream.Scale)
            : row => MaskKernels.DrawMultiplyRow(
                stream, (uint)row, Bits(row), BFloat16s(source, row), BFloat16s(destination, row), features,
                (float)stream.Scale));

    public void Dispose()
    {
        source.Dispose();
        destination.Dispose();
        bits.Dispose();
    }

    private ulong* Bits(int row) => (ulong*)bits.Address + (long)row * wordsPerRow;

    private float* Floats(NativeMemoryBlock block, int row) => (float*)block.Address + (long)row * features;

    private ushort* BFloat16s(NativeMemoryBlock block, int row) => (ushort*)block.Address + (long)row * features;

    private void FillWithOnes()
    {
        for (int row = 0; row < rows; row++)
        {
            if (precision == Precision.Float32)
                new Span<float>(Floats(source, row), features).Fill(1);
            else
                new Span<ushort>(BFloat16s(source, row), features).Fill(BFloat16.FromSingle(1));
        }
    }
}
