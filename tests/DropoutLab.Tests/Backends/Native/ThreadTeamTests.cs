using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using DropoutLab.Backends.OneDnn.Native;
using DropoutLab.Backends.Threading;

namespace DropoutLab.Tests.Backends.Native;

public sealed class ThreadTeamTests : NativeTest
{
    private const int Length = 100_003;

    public static TheoryData<bool, int> Teams => new() { { false, 1 }, { false, 2 }, { false, 5 }, { true, 1 }, { true, 2 } };

    [Theory]
    [MemberData(nameof(Teams))]
    public void EveryShareRunsOnceAndTogetherTheyCoverAll(bool openMp, int threads) => WithTeam(openMp, threads, team =>
    {
        Increment kernel = new Increment(Length, grain: 16);
        for (int i = 0; i < 50; i++)
            team.Run(kernel);

        Assert.All(kernel.Values, value => Assert.Equal(50, value));
        Assert.Equal(Enumerable.Range(0, threads), kernel.Shares.Keys.Order());
        Assert.All(kernel.Shares.Values, runs => Assert.Equal(50, runs));
        Assert.Equal(threads, kernel.Threads.Count);
    });

    [Theory]
    [MemberData(nameof(Teams))]
    public void AnExceptionOfAShareReachesTheCallerAndTheTeamLivesOn(bool openMp, int threads) => WithTeam(openMp, threads, team =>
    {
        var error = Assert.Throws<InvalidDataException>(() => team.Run(new Failing(share: threads - 1)));
        Assert.Equal($"share {threads - 1}", error.Message);

        Increment kernel = new Increment(Length, grain: 1);
        team.Run(kernel);
        Assert.All(kernel.Values, value => Assert.Equal(1, value));
    });

    [Theory]
    [MemberData(nameof(Teams))]
    public void AKernelCannotRunAnotherOnItsOwnTeam(bool openMp, int threads) => WithTeam(openMp, threads, team =>
        Assert.Throws<InvalidOperationException>(() => team.Run(new Nested(team))));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ARunOfTheOpenMpTeamAllocatesNothing(int threads) => WithTeam(openMp: true, threads, team =>
    {
        Allocations warmUp = new Allocations(threads);
        for (int i = 0; i < 1000; i++)
            team.Run(warmUp);

        Allocations kernel = new Allocations(threads);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            team.Run(kernel);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(kernel.First, kernel.Last);
    });

    [Theory]
    [MemberData(nameof(Teams))]
    public void ADisposedTeamRunsNothing(bool openMp, int threads) => WithTeam(openMp, threads, team =>
    {
        team.Dispose();
        team.Dispose();
        Assert.Throws<ObjectDisposedException>(() => team.Run(new Increment(1, grain: 1)));
    });

    [Fact]
    public void EnteringATeamSetsTheThreadsOfOpenMp() => WithLibrary(library =>
    {
        using OpenMpThreadTeam? team = OpenMpThreadTeam.TryCreate(library.Module, 3);
        if (team is null)
        {
            TestContext.Current.AddWarning(NoOpenMp(library));
            return;
        }

        // The setting is the thread's own: one that no other test will run on.
        int threads = 0;
        Thread thread = new Thread(() =>
        {
            team.Enter();
            threads = OpenMpMaxThreads(library.Module);
        });
        thread.Start();
        thread.Join();
        Assert.Equal(3, threads);
    });

    private static unsafe int OpenMpMaxThreads(nint module) =>
        ((delegate* unmanaged[Cdecl]<int>)NativeLibrary.GetExport(module, "omp_get_max_threads"))();

    private static string NoOpenMp(OneDnnLibrary library) =>
        $"not run: {library.Name} runs on {library.Runtime}, without GOMP_parallel";

    private static void WithTeam(bool openMp, int threads, Action<ThreadTeam> test)
    {
        if (!openMp)
        {
            using ManagedThreadTeam managed = new ManagedThreadTeam(threads);
            test(managed);
            return;
        }

        WithLibrary(library =>
        {
            using OpenMpThreadTeam? team = OpenMpThreadTeam.TryCreate(library.Module, threads);
            if (team is null)
                TestContext.Current.AddWarning(NoOpenMp(library));
            else
                test(team);
        });
    }

    private sealed class Increment(int length, int grain) : ParallelKernel
    {
        public int[] Values { get; } = new int[length];

        public ConcurrentDictionary<int, int> Shares { get; } = new();

        public ConcurrentDictionary<int, int> Threads { get; } = new();

        protected override void RunShare(int share, int shareCount)
        {
            Shares.AddOrUpdate(share, 1, (_, runs) => runs + 1);
            Threads[Environment.CurrentManagedThreadId] = share;
            var (start, end) = RangeOf(Values.Length, share, shareCount, grain);
            for (int i = start; i < end; i++)
                Values[i]++;
        }
    }

    /// <summary>What each share's thread had allocated in its first and in its last run.</summary>
    private sealed class Allocations(int threads) : ParallelKernel
    {
        public long[] First { get; } = new long[threads];

        public long[] Last { get; } = new long[threads];

        protected override void RunShare(int share, int shareCount)
        {
            Last[share] = GC.GetAllocatedBytesForCurrentThread();
            if (First[share] == 0)
                First[share] = Last[share];
        }
    }

    private sealed class Failing(int share) : ParallelKernel
    {
        protected override void RunShare(int current, int shareCount)
        {
            if (current == share)
                throw new InvalidDataException($"share {current}");
        }
    }

    private sealed class Nested(ThreadTeam team) : ParallelKernel
    {
        protected override void RunShare(int share, int shareCount) => team.Run(this);
    }
}
