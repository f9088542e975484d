using System.Runtime.InteropServices;

namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>
/// A primitive with its memories, ready to execute again and again without an allocation. It has the arguments that its
/// descriptor has; each is bound to an address before the first execution.
/// </summary>
/// <remarks>
/// oneDNN takes as many threads as OpenMP gives the calling thread when the primitive is made, and again when it executes:
/// do both on the thread that entered the team. One call serves one thread at a time.
/// </remarks>
internal sealed unsafe class PrimitiveCall : IDisposable
{
    private readonly OneDnnLibrary library;
    private readonly OneDnnHandle primitive;
    private readonly OneDnnHandle[] memories;
    private readonly ExecutionArgument* arguments;
    private int unbound;
    private bool disposed;

    public PrimitiveCall(PrimitiveDescriptor descriptor)
    {
        library = descriptor.Library;
        nint created;
        library.Api.Check(library.Api.PrimitiveCreate(&created, descriptor.Value), descriptor.ImplementationName);
        primitive = library.Own(created, library.Api.PrimitiveDestroy);

        Argument[] kinds = Enum.GetValues<Argument>();
        List<OneDnnHandle> used = new List<OneDnnHandle>(kinds.Length);
        arguments = (ExecutionArgument*)NativeMemory.Alloc((nuint)kinds.Length, (nuint)sizeof(ExecutionArgument));
        foreach (Argument kind in kinds)
        {
            using MemoryDescriptor? description = descriptor.Describe(kind);
            if (description is null)
                continue;
            OneDnnHandle memory = CreateMemory(description);
            arguments[used.Count] = new ExecutionArgument { Argument = kind, Memory = memory.Value };
            used.Add(memory);
        }

        memories = [.. used];
        unbound = (1 << memories.Length) - 1;
        GC.KeepAlive(descriptor);
    }

    ~PrimitiveCall() => NativeMemory.Free(arguments);

    public IEnumerable<Argument> Arguments => Enumerable.Range(0, memories.Length).Select(ArgumentAt);

    /// <summary>
    /// Binds an argument to the memory at an address, aligned to 64 bytes for full speed; it stays the caller's.
    /// </summary>
    /// <remarks>2.x writes the zeros of a padded layout here: the memory must exist when it is bound.</remarks>
    /// <exception cref="ArgumentException">The primitive has no such argument, or the address is null.</exception>
    public void Bind(Argument argument, void* address)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (address is null)
            throw new ArgumentNullException(nameof(address));
        int index = IndexOf(argument);
        library.Api.Check(library.Api.MemorySetDataHandle(memories[index].Value, (nint)address), "binding an argument");
        unbound &= ~(1 << index);
    }

    /// <summary>
    /// Executes the primitive. On a CPU stream it has finished when this returns, save where oneDNN runs on a thread pool of
    /// the caller's: <see cref="OneDnnLibrary.Wait"/> is right everywhere.
    /// </summary>
    /// <exception cref="InvalidOperationException">An argument is not bound.</exception>
    public void Execute()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (unbound != 0)
            throw new InvalidOperationException(
                $"argument {ArgumentAt(int.TrailingZeroCount(unbound))} is not bound to a memory");
        Status status = library.Api.PrimitiveExecute(primitive.Value, library.Stream.Value, memories.Length, arguments);
        library.Api.Check(status, "execution");
        GC.KeepAlive(this);
    }

    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        primitive.Dispose();
        foreach (OneDnnHandle memory in memories)
            memory.Dispose();
        NativeMemory.Free(arguments);
        GC.SuppressFinalize(this);
    }

    private Argument ArgumentAt(int index) => arguments[index].Argument;

    private int IndexOf(Argument argument)
    {
        for (int i = 0; i < memories.Length; i++)
            if (arguments[i].Argument == argument)
                return i;
        throw new ArgumentException($"the primitive has no argument {argument}", nameof(argument));
    }

    private OneDnnHandle CreateMemory(MemoryDescriptor description)
    {
        nint memory;
        library.Api.Check(
            library.Api.MemoryCreate(&memory, description.Value, library.Engine.Value, 0), "memory without a buffer");
        return library.Own(memory, library.Api.MemoryDestroy);
    }
}

/// <summary>What a memory is to a primitive (<c>DNNL_ARG_*</c>, the same in 2.x and 3.x).</summary>
internal enum Argument
{
    Source = 1,
    Destination = 17,
    Weights = 33,
    Bias = 41,
    Scratchpad = 80,
    SourceGradient = 129,
    DestinationGradient = 145,
    WeightsGradient = 161,
    BiasGradient = 169,
}

/// <summary>An argument of an execution (<c>dnnl_exec_arg_t</c>).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ExecutionArgument
{
    public Argument Argument;
    public nint Memory;
}
