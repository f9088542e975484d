using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DropoutLab.Backends.Threading;

/// <summary>The OpenMP runtime that a native library was linked with.</summary>
/// <remarks>
/// Source: the entry points that GCC compiles <c>#pragma omp parallel</c> to (libgomp.h), which LLVM's runtime offers under the
/// same names. What is set here holds for the calling thread alone, as OpenMP has it (OpenMP 5.2, 2.3: internal control
/// variables).
/// </remarks>
internal sealed unsafe class OpenMpRuntime
{
    private readonly delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<nint, void>, nint, uint, uint, void> runParallel;
    private readonly delegate* unmanaged[Cdecl]<int> threadNumber;
    private readonly delegate* unmanaged[Cdecl]<int> threadsInTeam;
    private readonly delegate* unmanaged[Cdecl]<int, void> setThreadCount;
    private readonly delegate* unmanaged[Cdecl]<int, void> setDynamic;

    private OpenMpRuntime(nint module)
    {
        nint Export(string name) => NativeLibrary.GetExport(module, name);

        runParallel = (delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<nint, void>, nint, uint, uint, void>)
            Export("GOMP_parallel");
        threadNumber = (delegate* unmanaged[Cdecl]<int>)Export("omp_get_thread_num");
        threadsInTeam = (delegate* unmanaged[Cdecl]<int>)Export("omp_get_num_threads");
        setThreadCount = (delegate* unmanaged[Cdecl]<int, void>)Export("omp_set_num_threads");
        setDynamic = (delegate* unmanaged[Cdecl]<int, void>)Export("omp_set_dynamic");
    }

    /// <summary>Which of a team's threads the calling one is.</summary>
    public int ThreadNumber => threadNumber();

    /// <summary>How many threads the calling one's team has.</summary>
    public int ThreadsInTeam => threadsInTeam();

    /// <summary>The runtime of a module; null where it has none that can be called.</summary>
    /// <param name="module">
    /// The loaded module. Looking a name up in it also looks through what it was linked with, which finds its own runtime and
    /// no other that the process may have loaded.
    /// </param>
    public static OpenMpRuntime? TryFind(nint module)
    {
        string[] needed = ["GOMP_parallel", "omp_get_thread_num", "omp_get_num_threads", "omp_set_num_threads",
            "omp_set_dynamic"];
        return needed.All(name => NativeLibrary.TryGetExport(module, name, out _)) ? new OpenMpRuntime(module) : null;
    }

    /// <summary>
    /// Makes the calling thread ask for so many threads wherever it does not say, and never for fewer because the machine is busy
    /// (<c>OMP_DYNAMIC</c>): oneDNN makes a primitive for a number of threads and executes it on what it then gets.
    /// </summary>
    public void Ask(int threads)
    {
        setDynamic(0);
        setThreadCount(threads);
    }

    /// <summary>Runs a body on each thread of a team.</summary>
    public void Run(delegate* unmanaged[Cdecl]<nint, void> body, nint argument, int threads)
    {
        Ask(threads);
        // The first run starts the runtime's threads, which stay as open to signals as this one is.
        using SignalBlock undisturbed = SignalBlock.Begin();
        runParallel(body, argument, (uint)threads, 0);
    }

    /// <summary>How many threads the calling one gets where it asks for some.</summary>
    public int Granted(int threads)
    {
        if (threads == 1)
            return 1;
        Count count = new() { ThreadsInTeam = threadsInTeam };
        Run(&CountThreads, (nint)(&count), threads);
        return count.Threads;
    }

    /// <summary>How many threads any thread gets where it asks for some; none of them is left waiting for work.</summary>
    /// <remarks>
    /// Fewer than asked for where <c>OMP_THREAD_LIMIT</c>, <c>OMP_MAX_ACTIVE_LEVELS</c> or the runtime itself says so.
    /// </remarks>
    public int GrantedAnywhere(int threads)
    {
        int granted = 0;
        Thread asking = new(() => granted = Granted(threads)) { IsBackground = true, Name = nameof(OpenMpRuntime) };
        asking.Start();
        asking.Join();
        return granted;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void CountThreads(nint count)
    {
        Count* counted = (Count*)count;
        Volatile.Write(ref counted->Threads, counted->ThreadsInTeam());
    }

    private struct Count
    {
        public delegate* unmanaged[Cdecl]<int> ThreadsInTeam;
        public int Threads;
    }
}
