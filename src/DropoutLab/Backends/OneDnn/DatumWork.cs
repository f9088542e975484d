using DropoutLab.Backends.Threading;

namespace DropoutLab.Backends.OneDnn;

/// <summary>
/// Work that treats each datum by itself, so that a thread can take a few data through several such works in a row while they are
/// in its cache. What it adds up over the batch is there only when all data are done.
/// </summary>
internal abstract class DatumWork
{
    /// <summary>Every buffer that it touches.</summary>
    public abstract IEnumerable<PlanBuffer> Buffers { get; }

    /// <summary>Those of them that it reads and writes by <see cref="PlanBuffer.Row"/>.</summary>
    public abstract IEnumerable<PlanBuffer> Rows { get; }

    /// <summary>Those of them that hold sums over the batch.</summary>
    public virtual IEnumerable<PlanBuffer> Sums => [];

    /// <summary>Data that it likes to have at a time.</summary>
    public virtual int DataAtOnce => 1;

    /// <summary>What all threads do together before the first datum, or null.</summary>
    public virtual ParallelKernel? Before => null;

    /// <summary>What all threads do together after the last datum, or null.</summary>
    public virtual ParallelKernel? After => null;

    /// <summary>What one thread does before the others begin.</summary>
    public virtual void Begin()
    {
    }

    /// <summary>
    /// The data from <paramref name="begin"/> to <paramref name="end"/>, which excluded; a share's data come in order.
    /// </summary>
    public abstract void Run(int share, int begin, int end);

    /// <summary>What one thread does when all others are done.</summary>
    public virtual void End()
    {
    }
}
