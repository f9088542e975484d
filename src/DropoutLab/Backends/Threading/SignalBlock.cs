using System.Runtime.InteropServices;

namespace DropoutLab.Backends.Threading;

/// <summary>
/// Keeps the calling thread, and threads that it starts meanwhile, from being interrupted by signals; other threads of the
/// process take them.
/// </summary>
/// <remarks>
/// The products that oneDNN 2.x generates for AVX let the stack pointer point into a heap buffer, so that a signal handled on
/// such a thread writes its frame over whatever lies below. Faults, and the signals by which .NET stops a thread for garbage
/// collection (it leaves threads in native code alone), stay open. Elsewhere than on Linux nothing is done.
/// </remarks>
internal readonly unsafe partial struct SignalBlock : IDisposable
{
    private const int Block = 0, SetMask = 2;

    /// <summary>
    /// HUP, INT, QUIT, USR1, USR2, PIPE, ALRM, TERM, CHLD, CONT, TSTP to POLL: what other processes and terminals send.
    /// </summary>
    private const ulong Blocked =
        1UL << 0 | 1UL << 1 | 1UL << 2 | 1UL << 9 | 1UL << 11
        | 1UL << 12 | 1UL << 13 | 1UL << 14 | 1UL << 16 | 1UL << 17 | 0x3FFUL << 19;

    private readonly SignalSet before;

    private SignalBlock(SignalSet before) => this.before = before;

    public static SignalBlock Begin()
    {
        SignalSet before = default;
        if (OperatingSystem.IsLinux())
        {
            SignalSet blocked = default;
            blocked.Words[0] = Blocked;
            ChangeMask(Block, &blocked, &before);
        }

        return new SignalBlock(before);
    }

    public void Dispose()
    {
        if (!OperatingSystem.IsLinux())
            return;
        SignalSet set = before;
        ChangeMask(SetMask, &set, null);
    }

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    [SuppressGCTransition]
    private static partial int ChangeMask(int how, SignalSet* set, SignalSet* before);

    /// <summary>1,024 bits, as the C libraries of Linux have it.</summary>
    private struct SignalSet
    {
        public fixed ulong Words[16];
    }
}
