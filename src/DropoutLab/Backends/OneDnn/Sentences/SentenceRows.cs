namespace DropoutLab.Backends.OneDnn.Sentences;

/// <summary>
/// Where the rows of a batch lie: those of a datum behind those of the one before. Of sentences only their own tokens have rows,
/// so that a step takes the time of its tokens, not that of the longest sentence; memory is there for the longest.
/// </summary>
internal sealed class SentenceRows
{
    private readonly int[] first;

    /// <param name="batch">N.</param>
    /// <param name="most">The rows of a datum, or of the longest sentence.</param>
    public SentenceRows(int batch, int most)
    {
        Most = most;
        first = [.. Enumerable.Range(0, batch + 1).Select(n => n * most)];
    }

    public int Batch => first.Length - 1;

    public int Most { get; }

    /// <summary>The rows in use.</summary>
    public int Total => first[^1];

    /// <summary>The first row of a datum; that of the datum after the last is <see cref="Total"/>.</summary>
    public int First(int datum) => first[datum];

    public int Count(int datum) => first[datum + 1] - first[datum];

    /// <exception cref="DropoutLabException">A sentence has no token, or more than the longest may.</exception>
    public void Set(ReadOnlySpan<int> lengths)
    {
        for (int n = 0; n < lengths.Length; n++)
        {
            if (lengths[n] < 1 || lengths[n] > Most)
                throw new DropoutLabException($"sentence {n} of the batch has {lengths[n]} tokens; it must have 1 to {Most}");
            first[n + 1] = first[n] + lengths[n];
        }
    }
}

/// <summary>Takes over the lengths of the batch at hand.</summary>
internal sealed unsafe class SentenceLengthsKernel(PlanBuffer lengths, SentenceRows rows) : Kernel
{
    public override IEnumerable<PlanBuffer> Buffers => [lengths];

    public override void Run() => rows.Set(new ReadOnlySpan<int>((void*)lengths.Address, rows.Batch));

    public override string ToString() => "SentenceLengths";
}

/// <summary>Work on sentences, each by itself.</summary>
/// <param name="name">What it does.</param>
/// <param name="rows">Where the sentences' rows are.</param>
/// <param name="buffers">What it touches.</param>
internal abstract unsafe class SentenceWork(string name, SentenceRows rows, params PlanBuffer[] buffers) : DatumWork
{
    public override IEnumerable<PlanBuffer> Buffers => buffers;

    public override IEnumerable<PlanBuffer> Rows => [];

    /// <summary>N.</summary>
    public int Batch => rows.Batch;

    protected SentenceRows Layout => rows;

    public override string ToString() => name;

    /// <summary>Where a row of a buffer of rows begins.</summary>
    protected static float* At(PlanBuffer buffer, int row, int width) => (float*)buffer.Address + (long)row * width;

    /// <summary>A row of a buffer of rows.</summary>
    protected static Span<float> Row(PlanBuffer buffer, int row, int width) => new(At(buffer, row, width), width);
}

/// <summary>Work on rows, whatever sentence they are of.</summary>
internal abstract class RowWork(string name, SentenceRows rows, params PlanBuffer[] buffers) : SentenceWork(name, rows, buffers)
{
    public override void Run(int share, int begin, int end)
    {
        for (int row = Layout.First(begin); row < Layout.First(end); row++)
            Row(share, row);
    }

    protected abstract void Row(int share, int row);
}
