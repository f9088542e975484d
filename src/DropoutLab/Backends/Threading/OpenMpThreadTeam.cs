using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DropoutLab.Backends.Threading;

/// <summary>
/// The team of the OpenMP runtime that a native library already uses, so that the library's kernels and ours take turns on
/// the same threads. A run starts and ends in microseconds and allocates nothing.
/// </summary>
/// <remarks>OpenMP keeps a team for every thread that starts one: let one thread run the whole step.</remarks>
internal sealed unsafe class OpenMpThreadTeam : ThreadTeam
{
    private readonly OpenMpRuntime runtime;
    private GCHandle<OpenMpThreadTeam> self;

    private OpenMpThreadTeam(OpenMpRuntime runtime, int threadCount)
        : base(threadCount)
    {
        this.runtime = runtime;
        self = new GCHandle<OpenMpThreadTeam>(this);
    }

    /// <summary>The team of the OpenMP runtime that a module uses; null where it uses none that can be called.</summary>
    /// <param name="module"><inheritdoc cref="OpenMpRuntime.TryFind" path="/param"/></param>
    /// <param name="threadCount">
    /// How many threads are asked for, the calling one included; the team has what OpenMP grants of them.
    /// </param>
    public static OpenMpThreadTeam? TryCreate(nint module, int threadCount) => OpenMpRuntime.TryFind(module) is { } runtime
        ? new OpenMpThreadTeam(runtime, runtime.GrantedAnywhere(threadCount))
        : null;

    public override void Enter()
    {
        runtime.Ask(ThreadCount);
        RequireAll(runtime.Granted(ThreadCount));
    }

    protected override void RunShares()
    {
        ObjectDisposedException.ThrowIf(!self.IsAllocated, this);
        runtime.Run(&RunOnThread, GCHandle<OpenMpThreadTeam>.ToIntPtr(self), ThreadCount);
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
        self.RunShare(self.runtime.ThreadNumber, self.runtime.ThreadsInTeam);
    }
}
