using System.Runtime.ExceptionServices;

namespace DropoutLab.Backends.Threading;

/// <summary>A fixed number of threads that run a kernel together, a share of it each.</summary>
/// <remarks>A team runs one kernel at a time, and a kernel must not run another on its own team.</remarks>
internal abstract class ThreadTeam : IDisposable
{
    private ParallelKernel? running;
    private ExceptionDispatchInfo? failure;

    /// <exception cref="ArgumentOutOfRangeException">Fewer than one thread.</exception>
    protected ThreadTeam(int threadCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threadCount);
        ThreadCount = threadCount;
    }

    public int ThreadCount { get; }

    /// <summary>
    /// Makes native libraries that the calling thread calls run on as many threads as this team. To be called on the thread
    /// that makes and executes primitives, before either.
    /// </summary>
    public virtual void Enter()
    {
    }

    /// <summary>Runs every share of the kernel and returns when all are done.</summary>
    /// <exception cref="InvalidOperationException">The team is running a kernel.</exception>
    /// <exception cref="Exception">What the first share to fail threw, after every share has ended.</exception>
    public void Run(ParallelKernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        if (Interlocked.CompareExchange(ref running, kernel, null) is not null)
            throw new InvalidOperationException("a thread team runs one kernel at a time");
        try
        {
            RunShares();
        }
        finally
        {
            Volatile.Write(ref running, null);
        }

        Interlocked.Exchange(ref failure, null)?.Throw();
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Has the team's threads call <see cref="RunShare"/>, and waits for them.</summary>
    protected abstract void RunShares();

    /// <summary>Runs one share of the running kernel; an exception is kept for <see cref="Run"/> to throw.</summary>
    protected void RunShare(int share, int shareCount)
    {
        try
        {
            running!.Run(share, shareCount);
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
        }
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}
