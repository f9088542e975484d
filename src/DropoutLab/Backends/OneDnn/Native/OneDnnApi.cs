using System.Runtime.InteropServices;

namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>
/// The functions of oneDNN's C API. Those that 2.x and 3.x share are fields, named after them; those in which the two differ
/// are abstract methods.
/// </summary>
/// <remarks>
/// A memory descriptor is a pointer in both: to a structure that the caller allocates in 2.x, to an opaque one in 3.x. So
/// every function that takes one is shared, and only those that make, copy or look into one differ. The values of the
/// enumerations here are equal in the headers of 2.6.3 and 3.7.2; where they are not (ReLU) a version has its own.
/// </remarks>
internal abstract unsafe class OneDnnApi
{
    public readonly delegate* unmanaged[Cdecl]<int, nint> CpuIsaToString;
    public readonly delegate* unmanaged[Cdecl]<int> GetEffectiveCpuIsa;

    public readonly delegate* unmanaged[Cdecl]<nint*, int, nuint, Status> EngineCreate;
    public readonly delegate* unmanaged[Cdecl]<nint, Status> EngineDestroy;
    public readonly delegate* unmanaged[Cdecl]<nint*, nint, uint, Status> StreamCreate;
    public readonly delegate* unmanaged[Cdecl]<nint, Status> StreamWait;
    public readonly delegate* unmanaged[Cdecl]<nint, Status> StreamDestroy;

    public readonly delegate* unmanaged[Cdecl]<nint, nuint> MemoryDescriptorGetSize;
    public readonly delegate* unmanaged[Cdecl]<nint, nint, int> MemoryDescriptorEqual;
    public readonly delegate* unmanaged[Cdecl]<nint*, nint, nint, nint, Status> MemoryCreate;
    public readonly delegate* unmanaged[Cdecl]<nint, nint, Status> MemorySetDataHandle;
    public readonly delegate* unmanaged[Cdecl]<nint, Status> MemoryDestroy;

    public readonly delegate* unmanaged[Cdecl]<nint*, Status> AttributesCreate;
    public readonly delegate* unmanaged[Cdecl]<nint, int, Status> AttributesSetScratchpadMode;
    public readonly delegate* unmanaged[Cdecl]<nint, nint, Status> AttributesSetPostOperations;
    public readonly delegate* unmanaged[Cdecl]<nint, Status> AttributesDestroy;
    public readonly delegate* unmanaged[Cdecl]<nint*, Status> PostOperationsCreate;
    public readonly delegate* unmanaged[Cdecl]<nint, Status> PostOperationsDestroy;

    public readonly delegate* unmanaged[Cdecl]<nint*, nint, nint, nint, nint, nint, Status> ReorderPrimitiveDescriptorCreate;
    public readonly delegate* unmanaged[Cdecl]<nint, int, int, void*, Status> PrimitiveDescriptorQuery;
    public readonly delegate* unmanaged[Cdecl]<nint, int, int, nint> PrimitiveDescriptorQueryMemory;
    public readonly delegate* unmanaged[Cdecl]<nint, Status> PrimitiveDescriptorDestroy;
    public readonly delegate* unmanaged[Cdecl]<nint*, nint, Status> PrimitiveCreate;
    public readonly delegate* unmanaged[Cdecl]<nint, nint, int, ExecutionArgument*, Status> PrimitiveExecute;
    public readonly delegate* unmanaged[Cdecl]<nint, Status> PrimitiveDestroy;

    /// <summary>C = alpha op(A) op(B) + beta C of row-major matrices, M × K times K × N, op being 'N' or 'T'.</summary>
    public readonly delegate* unmanaged[Cdecl]<
        byte, byte, long, long, long, float, float*, long, float*, long, float, float*, long, Status> Sgemm;

    private readonly delegate* unmanaged[Cdecl]<Status, nint> statusToString;

    /// <exception cref="EntryPointNotFoundException">The module lacks one of the functions.</exception>
    protected OneDnnApi(nint module)
    {
        nint Export(string name) => NativeLibrary.GetExport(module, name);

        Sgemm = (delegate* unmanaged[Cdecl]<
            byte, byte, long, long, long, float, float*, long, float*, long, float, float*, long, Status>)Export("dnnl_sgemm");
        statusToString = (delegate* unmanaged[Cdecl]<Status, nint>)Export("dnnl_status2str");
        CpuIsaToString = (delegate* unmanaged[Cdecl]<int, nint>)Export("dnnl_cpu_isa2str");
        GetEffectiveCpuIsa = (delegate* unmanaged[Cdecl]<int>)Export("dnnl_get_effective_cpu_isa");

        EngineCreate = (delegate* unmanaged[Cdecl]<nint*, int, nuint, Status>)Export("dnnl_engine_create");
        EngineDestroy = (delegate* unmanaged[Cdecl]<nint, Status>)Export("dnnl_engine_destroy");
        StreamCreate = (delegate* unmanaged[Cdecl]<nint*, nint, uint, Status>)Export("dnnl_stream_create");
        StreamWait = (delegate* unmanaged[Cdecl]<nint, Status>)Export("dnnl_stream_wait");
        StreamDestroy = (delegate* unmanaged[Cdecl]<nint, Status>)Export("dnnl_stream_destroy");

        MemoryDescriptorGetSize = (delegate* unmanaged[Cdecl]<nint, nuint>)Export("dnnl_memory_desc_get_size");
        MemoryDescriptorEqual = (delegate* unmanaged[Cdecl]<nint, nint, int>)Export("dnnl_memory_desc_equal");
        MemoryCreate = (delegate* unmanaged[Cdecl]<nint*, nint, nint, nint, Status>)Export("dnnl_memory_create");
        MemorySetDataHandle = (delegate* unmanaged[Cdecl]<nint, nint, Status>)Export("dnnl_memory_set_data_handle");
        MemoryDestroy = (delegate* unmanaged[Cdecl]<nint, Status>)Export("dnnl_memory_destroy");

        AttributesCreate = (delegate* unmanaged[Cdecl]<nint*, Status>)Export("dnnl_primitive_attr_create");
        AttributesSetScratchpadMode =
            (delegate* unmanaged[Cdecl]<nint, int, Status>)Export("dnnl_primitive_attr_set_scratchpad_mode");
        AttributesSetPostOperations =
            (delegate* unmanaged[Cdecl]<nint, nint, Status>)Export("dnnl_primitive_attr_set_post_ops");
        AttributesDestroy = (delegate* unmanaged[Cdecl]<nint, Status>)Export("dnnl_primitive_attr_destroy");
        PostOperationsCreate = (delegate* unmanaged[Cdecl]<nint*, Status>)Export("dnnl_post_ops_create");
        PostOperationsDestroy = (delegate* unmanaged[Cdecl]<nint, Status>)Export("dnnl_post_ops_destroy");

        ReorderPrimitiveDescriptorCreate = (delegate* unmanaged[Cdecl]<nint*, nint, nint, nint, nint, nint, Status>)
            Export("dnnl_reorder_primitive_desc_create");
        PrimitiveDescriptorQuery =
            (delegate* unmanaged[Cdecl]<nint, int, int, void*, Status>)Export("dnnl_primitive_desc_query");
        PrimitiveDescriptorQueryMemory =
            (delegate* unmanaged[Cdecl]<nint, int, int, nint>)Export("dnnl_primitive_desc_query_md");
        PrimitiveDescriptorDestroy = (delegate* unmanaged[Cdecl]<nint, Status>)Export("dnnl_primitive_desc_destroy");
        PrimitiveCreate = (delegate* unmanaged[Cdecl]<nint*, nint, Status>)Export("dnnl_primitive_create");
        PrimitiveExecute =
            (delegate* unmanaged[Cdecl]<nint, nint, int, ExecutionArgument*, Status>)Export("dnnl_primitive_execute");
        PrimitiveDestroy = (delegate* unmanaged[Cdecl]<nint, Status>)Export("dnnl_primitive_destroy");
    }

    /// <summary>Destroys what the methods here make as memory descriptors.</summary>
    public abstract delegate* unmanaged[Cdecl]<nint, Status> MemoryDescriptorDestroy { get; }

    /// <summary>Makes a descriptor of the given strides, in elements.</summary>
    public abstract Status CreateStrided(
        ElementType type, ReadOnlySpan<long> shape, ReadOnlySpan<long> strides, out nint descriptor);

    /// <summary>Makes a descriptor whose layout the primitive is to choose.</summary>
    public abstract Status CreateAny(ElementType type, ReadOnlySpan<long> shape, out nint descriptor);

    /// <summary>Copies a descriptor that oneDNN owns.</summary>
    public abstract Status Clone(nint existing, out nint descriptor);

    public abstract ElementType TypeOf(nint descriptor);

    public abstract long[] ShapeOf(nint descriptor);

    /// <summary>Appends max(x, 0) to what follows a primitive.</summary>
    public abstract Status AppendRelu(nint postOperations);

    public abstract Status CreateConvolution(
        PrimitiveRequest request, ConvolutionAlgorithm algorithm, in ConvolutionWindows geometry, out nint primitiveDescriptor);

    public abstract Status CreateInnerProduct(PrimitiveRequest request, out nint primitiveDescriptor);

    protected static ArgumentOutOfRangeException Unknown(Propagation propagation) =>
        new(nameof(propagation), propagation, "no such propagation");

    /// <summary>The one place where a status becomes an exception.</summary>
    /// <exception cref="OneDnnException">The status is not success.</exception>
    public void Check(Status status, string operation)
    {
        if (status != Status.Success)
            throw new OneDnnException(operation, status, Marshal.PtrToStringUTF8(statusToString(status)) ?? status.ToString());
    }
}

/// <summary>What oneDNN was built to run its threads on (<c>DNNL_RUNTIME_*</c>, the same in 2.x and 3.x).</summary>
internal enum CpuRuntime
{
    None = 0,
    Sequential = 1,
    OpenMp = 2,
    Tbb = 4,
    ThreadPool = 8,
    Sycl = 512,
}

/// <summary>What oneDNN says of itself (<c>dnnl_version_t</c>, the same in 2.x and 3.x).</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct NativeVersion
{
    public readonly int Major;
    public readonly int Minor;
    public readonly int Patch;
    public readonly nint Hash;
    public readonly uint CpuRuntime;
    public readonly uint GpuRuntime;
}

/// <summary>What a function of oneDNN returns (<c>dnnl_status_t</c>, the same in 2.x and 3.x).</summary>
internal enum Status
{
    Success = 0,
    OutOfMemory = 1,
    InvalidArguments = 2,
    Unimplemented = 3,
}

/// <summary>A function of oneDNN failed: a mistake in its arguments or no memory, nothing that the user could mend.</summary>
internal sealed class OneDnnException(string operation, Status status, string statusName)
    : Exception($"oneDNN: {operation} failed with status {statusName}")
{
    public string Operation { get; } = operation;

    public Status Status { get; } = status;
}
