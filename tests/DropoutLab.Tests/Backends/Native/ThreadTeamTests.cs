using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Backends.OneDnn.Native;
using DropoutLab.Backends.Threading;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Tests.Definitions;

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
    public void AnExceptionOfAShareReachesTheCallerAndTheTeamLivesOn(bool openMp, int threads) =>
        WithTeam(openMp, threads, team =>
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
        Assert.SkipWhen(team is null, NoOpenMp(library));

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

    [Fact]
    public void ATeamThatIsGrantedFewerThreadsThanBeforeRunsNothingUntilItHasThemAgain() =>
        WithTeam(openMp: true, 2, team => OnAThreadOfItsOwn(() =>
        {
            Increment kernel = new(Length, grain: 1);
            SetActiveLevels(0);

            Assert.Equal(TooFew, Assert.Throws<DropoutLabException>(() => team.Run(kernel)).Message);
            Assert.Equal(TooFew, Assert.Throws<DropoutLabException>(team.Enter).Message);
            Assert.All(kernel.Values, value => Assert.Equal(0, value));

            SetActiveLevels(1);
            team.Enter();
            team.Run(kernel);
            Assert.All(kernel.Values, value => Assert.Equal(1, value));
        }));

    [Fact]
    public void AStepOnFewerThreadsThanItWasMadeForIsRefused() => OnAThreadOfItsOwn(() =>
    {
        using OneDnnBackend backend = TestBackends.OneDnn();
        using (TrainingStep step = new(backend, Mlp.Create(new ImageShape(32, 32, 1), 10), DropoutSettings.None, 16,
            Precision.Float32))
        {
            step.Fill(seed: 1, weightSize: 0.01);
            SetActiveLevels(0);
            Assert.Equal(TooFew, Assert.Throws<DropoutLabException>(() => step.Plan.Run()).Message);
        }
    });

    [Fact]
    public void ABusyMachineTakesNoThreadsAway() => WithTeam(openMp: true, 64, team => OnAThreadOfItsOwn(() =>
    {
        // More threads than processors, as dynamic teams never have.
        SetDynamic(1);
        Increment kernel = new(Length, grain: 1);
        team.Run(kernel);
        Assert.Equal(Enumerable.Range(0, 64), kernel.Shares.Keys.Order());
    }));

    private const string TooFew =
        "OpenMP grants 1 of the 2 threads that it granted before: nothing can be computed on them; start again";

    /// <summary>What OpenMP is told holds for a thread: for one that no other test will run on.</summary>
    private static void OnAThreadOfItsOwn(Action test)
    {
        Exception? failure = null;
        Thread thread = new(() => failure = Record.Exception(test));
        thread.Start();
        thread.Join();
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
    }

    private static void SetActiveLevels(int levels) => Call("omp_set_max_active_levels", levels);

    private static void SetDynamic(int isDynamic) => Call("omp_set_dynamic", isDynamic);

    private static unsafe void Call(string function, int argument) => WithLibrary(library =>
        ((delegate* unmanaged[Cdecl]<int, void>)NativeLibrary.GetExport(library.Module, function))(argument));

    private static unsafe int OpenMpMaxThreads(nint module) =>
        ((delegate* unmanaged[Cdecl]<int>)NativeLibrary.GetExport(module, "omp_get_max_threads"))();

    private static string NoOpenMp(OneDnnLibrary library) =>
        $"needs GOMP_parallel: {library.Name} runs on {library.Runtime}, without it";

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
            Assert.SkipWhen(team is null, NoOpenMp(library));
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
