namespace DropoutLab.Backends.Threading;

/// <summary>A team of .NET's own threads: for the reference backend, and where no OpenMP runtime can be called.</summary>
/// <remarks>A wait that outlasts the spinning blocks, and blocking may allocate a little now and then.</remarks>
internal sealed class ManagedThreadTeam : ThreadTeam
{
    private readonly Barrier barrier;
    private readonly Thread[] workers;
    private volatile bool stopping;

    /// <param name="threadCount">How many threads, the calling one included.</param>
    public ManagedThreadTeam(int threadCount)
        : base(threadCount)
    {
        barrier = new Barrier(threadCount);
        workers = new Thread[threadCount - 1];
        for (int i = 0; i < workers.Length; i++)
        {
            int share = i + 1;
            workers[i] = new Thread(() => Work(share)) { IsBackground = true, Name = $"{nameof(ManagedThreadTeam)} {share}" };
            workers[i].Start();
        }
    }

    protected override void RunShares()
    {
        barrier.SignalAndWait();
        RunShare(0, ThreadCount);
        barrier.SignalAndWait();
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing || stopping)
            return;
        stopping = true;
        barrier.SignalAndWait();
        foreach (Thread worker in workers)
            worker.Join();
        barrier.Dispose();
    }

    private void Work(int share)
    {
        while (true)
        {
            barrier.SignalAndWait();
            if (stopping)
                return;
            RunShare(share, ThreadCount);
            barrier.SignalAndWait();
        }
    }
}
