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
    /// <exception cref="DropoutLabException">The system does not grant as many threads as the team has.</exception>
    public virtual void Enter()
    {
    }

    /// <summary>Runs every share of the kernel and returns when all are done.</summary>
    /// <exception cref="InvalidOperationException">The team is running a kernel.</exception>
    /// <exception cref="DropoutLabException">
    /// The system does not grant as many threads as the team has; no share was run.
    /// </exception>
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

    /// <summary>What was made for the team's threads computes wrong numbers, or waits for ever, on fewer.</summary>
    /// <exception cref="DropoutLabException">There are others than the team has.</exception>
    protected void RequireAll(int threads)
    {
        if (threads != ThreadCount)
        {
            throw new DropoutLabException(
                $"OpenMP grants {threads} of the {ThreadCount} threads that it granted before: nothing can be computed on them; "
                    + "start again");
        }
    }

    /// <summary>Runs one share of the running kernel; an exception is kept for <see cref="Run"/> to throw.</summary>
    /// <param name="share">Which, from 0.</param>
    /// <param name="threads">How many run one; none does unless they are the whole team.</param>
    protected void RunShare(int share, int threads)
    {
        try
        {
            RequireAll(threads);
            running!.Run(share, threads);
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
