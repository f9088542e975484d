using System.Runtime.InteropServices;

namespace DropoutLab.Backends;

/// <summary>Zeroed memory outside the managed heap, aligned to a cache line.</summary>
internal sealed unsafe class NativeMemoryBlock : SafeHandle
{
    public const int Alignment = 64;

    public NativeMemoryBlock(long byteSize) : base(0, ownsHandle: true)
    {
        ByteSize = byteSize;
        nuint size = (nuint)Math.Max(byteSize, Alignment);
        void* memory = NativeMemory.AlignedAlloc(size, Alignment);
        SetHandle((nint)memory);
        Clear();
    }

    public long ByteSize { get; }

    /// <exception cref="ObjectDisposedException">The memory is no longer there.</exception>
    public nint Address
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    /// <summary>Sets all of it to 0.</summary>
    public void Clear() => NativeMemory.Clear((void*)Address, (nuint)Math.Max(ByteSize, Alignment));

    public override bool IsInvalid => handle == 0;

    /// <summary>The smallest multiple of <see cref="Alignment"/> that is not below a size.</summary>
    public static long Align(long byteSize) => (byteSize + Alignment - 1) & -Alignment;

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
