using System.Runtime.InteropServices;

namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>An implementation that oneDNN chose for an operation, with the layouts that it wants.</summary>
internal sealed unsafe class PrimitiveDescriptor : IDisposable
{
    private const int QueryImplementationName = 8;
    private const int QueryExecutionArgument = 255;

    private readonly OneDnnHandle handle;

    private PrimitiveDescriptor(OneDnnLibrary library, nint descriptor)
    {
        Library = library;
        handle = library.Own(descriptor, library.Api.PrimitiveDescriptorDestroy);
        ImplementationName = QueryName();
        using MemoryDescriptor? scratchpad = Describe(Argument.Scratchpad);
        ScratchpadByteSize = scratchpad?.ByteSize ?? 0;
    }

    public OneDnnLibrary Library { get; }

    /// <summary>oneDNN's name of the implementation, such as <c>brgconv:avx512_core_amx</c>.</summary>
    public string ImplementationName { get; }

    /// <summary>Bytes of scratch memory that an execution needs, 0 where it needs none.</summary>
    public long ScratchpadByteSize { get; }

    internal nint Value => handle.Value;

    /// <summary>The description of one argument as this implementation wants it; null where it has no such argument.</summary>
    public MemoryDescriptor? Describe(Argument argument)
    {
        nint descriptor = Library.Api.PrimitiveDescriptorQueryMemory(Value, QueryExecutionArgument, (int)argument);
        MemoryDescriptor? described = descriptor != 0 && Library.Api.MemoryDescriptorGetSize(descriptor) > 0
            ? MemoryDescriptor.Copy(Library, descriptor)
            : null;
        GC.KeepAlive(this);
        return described;
    }

    public void Dispose() => handle.Dispose();

    /// <summary>The outcome of a creation: null where nothing implements the operation on this processor.</summary>
    internal static PrimitiveDescriptor? FromStatus(OneDnnLibrary library, Status status, nint descriptor, string operation)
    {
        if (status == Status.Unimplemented)
            return null;
        library.Api.Check(status, operation);
        return new PrimitiveDescriptor(library, descriptor);
    }

    private string QueryName()
    {
        nint name;
        Library.Api.Check(
            Library.Api.PrimitiveDescriptorQuery(Value, QueryImplementationName, 0, &name), "implementation's name");
        return Marshal.PtrToStringUTF8(name) ?? "";
    }
}
