using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DropoutLab.Backends.Threading;

/// <summary>
/// The team of the OpenMP runtime that a native library already uses, so that the library's kernels and ours take turns on
/// the same threads. A run starts and ends in microseconds and allocates nothing.
/// </summary>
/// <remarks>
/// OpenMP keeps a team for every thread that starts one: let one thread run the whole step. Source: the entry points that GCC
/// compiles <c>#pragma omp parallel</c> to (libgomp.h), which LLVM's runtime offers under the same names.
/// </remarks>
internal sealed unsafe class OpenMpThreadTeam : ThreadTeam
{
    private readonly delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<nint, void>, nint, uint, uint, void> runParallel;
    private readonly delegate* unmanaged[Cdecl]<int> threadNumber;
    private readonly delegate* unmanaged[Cdecl]<int> threadsInTeam;
    private readonly delegate* unmanaged[Cdecl]<int, void> setThreadCount;
    private GCHandle<OpenMpThreadTeam> self;

    private OpenMpThreadTeam(nint module, int threadCount)
        : base(threadCount)
    {
        nint Export(string name) => NativeLibrary.GetExport(module, name);

        runParallel = (delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<nint, void>, nint, uint, uint, void>)
            Export("GOMP_parallel");
        threadNumber = (delegate* unmanaged[Cdecl]<int>)Export("omp_get_thread_num");
        threadsInTeam = (delegate* unmanaged[Cdecl]<int>)Export("omp_get_num_threads");
        setThreadCount = (delegate* unmanaged[Cdecl]<int, void>)Export("omp_set_num_threads");
        self = new GCHandle<OpenMpThreadTeam>(this);
    }

    /// <summary>The team of the OpenMP runtime that a module uses; null where it uses none that can be called.</summary>
    /// <param name="module">
    /// The loaded module. Looking a name up in it also looks through what it was linked with, which finds its own runtime and
    /// no other that the process may have loaded.
    /// </param>
    /// <param name="threadCount">How many threads, the calling one included.</param>
    public static OpenMpThreadTeam? TryCreate(nint module, int threadCount)
    {
        string[] needed = ["GOMP_parallel", "omp_get_thread_num", "omp_get_num_threads", "omp_set_num_threads"];
        return needed.All(name => NativeLibrary.TryGetExport(module, name, out _))
            ? new OpenMpThreadTeam(module, threadCount)
            : null;
    }

    public override void Enter() => setThreadCount(ThreadCount);

    protected override void RunShares()
    {
        ObjectDisposedException.ThrowIf(!self.IsAllocated, this);
        // The first run starts the runtime's threads, which stay as open to signals as this one is.
        using SignalBlock undisturbed = SignalBlock.Begin();
        runParallel(&RunOnThread, GCHandle<OpenMpThreadTeam>.ToIntPtr(self), (uint)ThreadCount, 0);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && self.IsAllocated)
            self.Dispose();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void RunOnThread(nint team)
    {
        OpenMpThreadTeam self = GCHandle<OpenMpThreadTeam>.FromIntPtr(team).Target;
        self.RunShare(self.threadNumber(), self.threadsInTeam());
    }
}
