namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>How many native handles of one library are alive.</summary>
internal sealed class HandleCount
{
    private int value;

    public int Value => Volatile.Read(ref value);

    public void Increment() => Interlocked.Increment(ref value);

    public void Decrement() => Interlocked.Decrement(ref value);
}
