using System.Runtime.InteropServices;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends;

/// <summary>
/// A graph compiled for one batch shape: a fixed list of kernels over buffers in one arena. Running it allocates nothing.
/// </summary>
public sealed class Plan : IDisposable
{
    private readonly Kernel[] kernels;
    private readonly IReadOnlyDictionary<Value, PlanBuffer> buffers;
    private readonly Arena arena;
    private readonly StepState state;
    private readonly Threading.ThreadTeam team;
    private readonly ParameterStore store;
    private readonly HashSet<Value> masksToGive;
    private bool isDisposed;

    internal Plan(PlanBuilder builder)
    {
        kernels = [.. builder.Kernels];
        buffers = builder.Buffers;
        masksToGive = [.. buffers.Keys.Where(value => value.Operator is InputMask)];
        state = builder.State;
        team = builder.Team;
        store = builder.Store;
        Precision = builder.Precision;
        for (int i = 0; i < kernels.Length; i++)
        {
            foreach (PlanBuffer buffer in kernels[i].Buffers)
                buffer.UsedBy(i);
        }

        arena = new Arena(kernels.SelectMany(kernel => kernel.Buffers).Concat(builder.Buffers.Values)
            .Where(buffer => buffer.LastUse >= 0 || buffer.IsPersistent).Distinct());
        foreach (Kernel kernel in kernels)
            kernel.Bind();
    }

    /// <summary>What its activations and weights are computed in.</summary>
    public Precision Precision { get; }

    /// <summary>Bytes of the one block that holds all activations, error signals and scratch.</summary>
    public long ArenaBytes => arena.ByteSize;

    /// <summary>The step of the last run, whose masks and ratios the outputs have.</summary>
    internal uint Step => state.Step;

    internal IReadOnlyList<Kernel> Kernels => kernels;

    /// <summary>
    /// One pass over the kernels. The masks are those of (<paramref name="seed"/>, <paramref name="step"/>), for data whose
    /// places in the minibatch begin at <paramref name="firstDatum"/>.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The plan, or the store that its parameters lie in, is disposed of.</exception>
    /// <exception cref="DropoutLabException">
    /// OpenMP no longer grants the threads that the plan was made for, or a mask that is an input has never been written.
    /// </exception>
    public void Run(ulong seed = 0, uint step = 0, uint firstDatum = 0)
    {
        ThrowIfDisposed();
        if (masksToGive.Count > 0)
            throw MaskMissing();
        using Threading.SignalBlock undisturbed = Threading.SignalBlock.Begin();
        team.Enter();
        state.Seed = seed;
        state.Step = step;
        state.FirstDatum = firstDatum;
        foreach (Kernel kernel in kernels)
            kernel.Run();
        // Kernels know addresses alone: what lies there must not be collected before they are done.
        GC.KeepAlive(store);
        GC.KeepAlive(this);
    }

    /// <summary>Fills an input of activations or accumulators, rounding to the plan's precision.</summary>
    /// <exception cref="ArgumentException">It is no input of this plan, or of another kind.</exception>
    /// <exception cref="DropoutLabException">There are more or fewer values than the input has elements.</exception>
    public void Write(Value input, ReadOnlySpan<double> values)
    {
        ElementAccess.Write(
            Checked(input, values.Length, ElementKind.Activation, ElementKind.Accumulator), Format(input), 0, values);
        GC.KeepAlive(this);
    }

    /// <inheritdoc cref="Write(Value, ReadOnlySpan{double})"/>
    public void Write(Value input, ReadOnlySpan<float> values)
    {
        ElementAccess.Write(
            Checked(input, values.Length, ElementKind.Activation, ElementKind.Accumulator), Format(input), 0, values);
        GC.KeepAlive(this);
    }

    /// <summary>Fills an input of labels.</summary>
    /// <exception cref="ArgumentException">It is no input of this plan, or of another kind.</exception>
    /// <exception cref="DropoutLabException">There are more or fewer labels than the input has elements.</exception>
    public unsafe void Write(Value input, ReadOnlySpan<int> labels)
    {
        labels.CopyTo(new Span<int>((void*)Checked(input, labels.Length, ElementKind.Label).Address, labels.Length));
        GC.KeepAlive(this);
    }

    /// <summary>
    /// Gives an <see cref="InputMask"/> its bits, [N × ⌈features / 64⌋] words: feature f of a datum at bit f mod 64 of its word
    /// ⌊f / 64⌋, 1 for kept, as <see cref="MaskBits.Words"/> has them. They stay until others are given.
    /// </summary>
    /// <exception cref="ArgumentException">It is no such mask of this plan.</exception>
    /// <exception cref="DropoutLabException">There are more or fewer words than the mask has.</exception>
    public unsafe void Write(Value mask, ReadOnlySpan<ulong> words)
    {
        (PlanBuffer buffer, int wordsPerRow) = BitsOf(mask);
        int rows = mask.Shape[0], features = mask.Shape.CountPerDatum;
        if (words.Length != rows * wordsPerRow)
        {
            throw new DropoutLabException(
                $"a mask of shape {mask.Shape} takes {rows} × {wordsPerRow} words of 64 bits, not {words.Length}");
        }

        Span<ulong> bits = new((void*)buffer.Address, words.Length);
        words.CopyTo(bits);
        for (int last = wordsPerRow - 1; last < bits.Length && features % 64 != 0; last += wordsPerRow)
            bits[last] &= BitWriter.Ones(features % 64);
        masksToGive.Remove(mask);
        GC.KeepAlive(this);
    }

    /// <summary>The same from a byte an element in row-major order, as NumPy keeps booleans: dropped where it is 0.</summary>
    /// <inheritdoc cref="Write(Value, ReadOnlySpan{ulong})" path="/exception"/>
    public unsafe void Write(Value mask, ReadOnlySpan<byte> keep)
    {
        (PlanBuffer buffer, int wordsPerRow) = BitsOf(mask);
        int features = mask.Shape.CountPerDatum;
        if (keep.Length != mask.Shape.Count)
            throw new DropoutLabException($"a mask of shape {mask.Shape} has {mask.Shape.Count} elements, not {keep.Length}");
        fixed (byte* from = keep)
        {
            for (int row = 0; row < mask.Shape[0]; row++)
                MaskKernels.PackRow(from + (long)row * features, (ulong*)buffer.Address + (long)row * wordsPerRow, features);
        }

        masksToGive.Remove(mask);
        GC.KeepAlive(this);
    }

    /// <summary>The same from booleans, true for kept.</summary>
    /// <inheritdoc cref="Write(Value, ReadOnlySpan{ulong})" path="/exception"/>
    public void Write(Value mask, ReadOnlySpan<bool> keep) => Write(mask, MemoryMarshal.AsBytes(keep));

    /// <summary>A copy of an output, in 64 bits whatever it is stored in; of a mask, its bits as 0 and 1.</summary>
    /// <exception cref="ArgumentException">It is no input or output of this plan.</exception>
    public double[] Read(Value output)
    {
        double[] values = new double[output.Shape.Count];
        Read(output, values);
        return values;
    }

    /// <summary>Copies an output; of a mask, its bits as 0 and 1.</summary>
    /// <exception cref="ArgumentException">It is no input or output of this plan.</exception>
    /// <exception cref="DropoutLabException">There is room for more or fewer values than the output has.</exception>
    public void Read(Value output, Span<double> values)
    {
        CheckCount(output, values.Length);
        ElementAccess.Read(BufferOf(output), Format(output), output.Shape, values);
        GC.KeepAlive(this);
    }

    /// <inheritdoc cref="Read(Value, Span{double})"/>
    public void Read(Value output, Span<float> values)
    {
        CheckCount(output, values.Length);
        ElementAccess.Read(BufferOf(output), Format(output), output.Shape, values);
        GC.KeepAlive(this);
    }

    /// <summary>The value of an output of one element, such as a loss.</summary>
    public double ReadScalar(Value output)
    {
        double value = ElementAccess.Load(BufferOf(output), Format(output), 0, output.Shape);
        GC.KeepAlive(this);
        return value;
    }

    /// <summary>Gives its memory back; it runs no more.</summary>
    public void Dispose()
    {
        if (isDisposed)
            return;
        isDisposed = true;
        foreach (Kernel kernel in kernels)
            kernel.Dispose();
        arena.Dispose();
    }

    internal Threading.ThreadTeam Team => team;

    internal PlanBuffer BufferOf(Value value)
    {
        ThrowIfDisposed();
        return buffers.TryGetValue(value, out PlanBuffer? buffer) && (buffer.IsPersistent || buffer.IsExternal)
            ? buffer
            : throw new ArgumentException($"{value} is no input or output of this plan", nameof(value));
    }

    internal ElementFormat Format(Value value) => ElementAccess.FormatOf(value.Kind, Precision);

    private void ThrowIfDisposed()
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        ObjectDisposedException.ThrowIf(store.IsDisposed, store);
    }

    private DropoutLabException MaskMissing() =>
        new($"the plan has no bits of the {((InputMask)masksToGive.First().Operator).Name} yet: give them by {nameof(Write)}");

    private (PlanBuffer Buffer, int WordsPerRow) BitsOf(Value mask) => mask.Operator is InputMask
        ? (BufferOf(mask), MaskKernels.WordsPerRow(mask.Shape.CountPerDatum))
        : throw new ArgumentException($"{mask} is no mask that is given", nameof(mask));

    private PlanBuffer Checked(Value input, int count, params ReadOnlySpan<ElementKind> kinds)
    {
        if (input.Operator is not Graph.Operators.Input || !kinds.Contains(input.Kind))
            throw new ArgumentException($"{input} is no input that takes these: it has the kind {input.Kind}", nameof(input));
        CheckCount(input, count);
        return BufferOf(input);
    }

    private static void CheckCount(Value value, int count)
    {
        if (count != value.Shape.Count)
            throw new DropoutLabException($"an array of shape {value.Shape} has {value.Shape.Count} elements, not {count}");
    }
}
