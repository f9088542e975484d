using System.Runtime.InteropServices;

namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>An object of oneDNN: counted while it lives, destroyed by its own function, outlived by its engine.</summary>
internal sealed unsafe class OneDnnHandle : SafeHandle
{
    private readonly delegate* unmanaged[Cdecl]<nint, Status> destroy;
    private readonly HandleCount count;
    private readonly OneDnnHandle? engine;

    /// <param name="value">The object, owned from now on.</param>
    /// <param name="destroy">The function that destroys such an object.</param>
    /// <param name="count">Where the object is counted.</param>
    /// <param name="engine">The engine that must not be destroyed before this object.</param>
    public OneDnnHandle(
        nint value, delegate* unmanaged[Cdecl]<nint, Status> destroy, HandleCount count, OneDnnHandle? engine = null)
        : base(0, ownsHandle: true)
    {
        this.destroy = destroy;
        this.count = count;
        this.engine = engine;
        bool added = false;
        engine?.DangerousAddRef(ref added);
        SetHandle(value);
        count.Increment();
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The object itself, for a call during which this handle is kept alive.</summary>
    /// <exception cref="ObjectDisposedException">The handle was disposed.</exception>
    public nint Value
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    protected override bool ReleaseHandle()
    {
        Status status = destroy(handle);
        count.Decrement();
        engine?.DangerousRelease();
        return status == Status.Success;
    }
}

/// <summary>How many native handles of one library are alive.</summary>
internal sealed class HandleCount
{
    private int value;

    public int Value => Volatile.Read(ref value);

    public void Increment() => Interlocked.Increment(ref value);

    public void Decrement() => Interlocked.Decrement(ref value);
}
