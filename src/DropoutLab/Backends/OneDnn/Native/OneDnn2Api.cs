using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>oneDNN 2.x: descriptors of memories and operations are structures that the caller allocates.</summary>
internal sealed unsafe class OneDnn2Api(nint module) : OneDnnApi(module)
{
    private const int FormatTagAny = 1;
    private const int EltwiseRelu = 0x1f;

    // Sizes and offsets of dnnl_memory_desc_t, dnnl_convolution_desc_t (5976 bytes) and dnnl_inner_product_desc_t (5584).
    private const int MemoryDescriptorBytes = 696;
    private const int DimensionsOffset = 8;
    private const int TypeOffset = 104;
    private const int OperationDescriptorBytes = 6144;

    private readonly delegate* unmanaged[Cdecl]<nint, int, long*, ElementType, long*, Status> initializeByStrides =
        (delegate* unmanaged[Cdecl]<nint, int, long*, ElementType, long*, Status>)
        NativeLibrary.GetExport(module, "dnnl_memory_desc_init_by_strides");

    private readonly delegate* unmanaged[Cdecl]<nint, int, long*, ElementType, int, Status> initializeByTag =
        (delegate* unmanaged[Cdecl]<nint, int, long*, ElementType, int, Status>)
        NativeLibrary.GetExport(module, "dnnl_memory_desc_init_by_tag");

    private readonly delegate* unmanaged[Cdecl]<nint, float, int, float, float, Status> appendEltwise =
        (delegate* unmanaged[Cdecl]<nint, float, int, float, float, Status>)
        NativeLibrary.GetExport(module, "dnnl_post_ops_append_eltwise");

    private readonly delegate* unmanaged[Cdecl]<
        byte*, Propagation, ConvolutionAlgorithm, nint, nint, nint, nint, long*, long*, long*, Status> convolutionForward =
        (delegate* unmanaged[Cdecl]<
            byte*, Propagation, ConvolutionAlgorithm, nint, nint, nint, nint, long*, long*, long*, Status>)
        NativeLibrary.GetExport(module, "dnnl_convolution_forward_desc_init");

    private readonly delegate* unmanaged[Cdecl]<
        byte*, ConvolutionAlgorithm, nint, nint, nint, long*, long*, long*, Status> convolutionBackwardData =
        (delegate* unmanaged[Cdecl]<byte*, ConvolutionAlgorithm, nint, nint, nint, long*, long*, long*, Status>)
        NativeLibrary.GetExport(module, "dnnl_convolution_backward_data_desc_init");

    private readonly delegate* unmanaged[Cdecl]<
        byte*, ConvolutionAlgorithm, nint, nint, nint, nint, long*, long*, long*, Status> convolutionBackwardWeights =
        (delegate* unmanaged[Cdecl]<byte*, ConvolutionAlgorithm, nint, nint, nint, nint, long*, long*, long*, Status>)
        NativeLibrary.GetExport(module, "dnnl_convolution_backward_weights_desc_init");

    private readonly delegate* unmanaged[Cdecl]<byte*, Propagation, nint, nint, nint, nint, Status> innerProductForward =
        (delegate* unmanaged[Cdecl]<byte*, Propagation, nint, nint, nint, nint, Status>)
        NativeLibrary.GetExport(module, "dnnl_inner_product_forward_desc_init");

    private readonly delegate* unmanaged[Cdecl]<byte*, nint, nint, nint, Status> innerProductBackwardData =
        (delegate* unmanaged[Cdecl]<byte*, nint, nint, nint, Status>)
        NativeLibrary.GetExport(module, "dnnl_inner_product_backward_data_desc_init");

    private readonly delegate* unmanaged[Cdecl]<byte*, nint, nint, nint, nint, Status> innerProductBackwardWeights =
        (delegate* unmanaged[Cdecl]<byte*, nint, nint, nint, nint, Status>)
        NativeLibrary.GetExport(module, "dnnl_inner_product_backward_weights_desc_init");

    private readonly delegate* unmanaged[Cdecl]<nint*, byte*, nint, nint, nint, Status> primitiveDescriptorCreate =
        (delegate* unmanaged[Cdecl]<nint*, byte*, nint, nint, nint, Status>)
        NativeLibrary.GetExport(module, "dnnl_primitive_desc_create");

    public override delegate* unmanaged[Cdecl]<nint, Status> MemoryDescriptorDestroy => &FreeDescriptor;

    public override Status CreateStrided(
        ElementType type, ReadOnlySpan<long> shape, ReadOnlySpan<long> strides, out nint descriptor)
    {
        descriptor = AllocateDescriptor();
        fixed (long* dimensions = shape, steps = strides)
            return FreeUnlessSuccess(initializeByStrides(descriptor, shape.Length, dimensions, type, steps), ref descriptor);
    }

    public override Status CreateAny(ElementType type, ReadOnlySpan<long> shape, out nint descriptor)
    {
        descriptor = AllocateDescriptor();
        fixed (long* dimensions = shape)
            return FreeUnlessSuccess(initializeByTag(descriptor, shape.Length, dimensions, type, FormatTagAny), ref descriptor);
    }

    public override Status Clone(nint existing, out nint descriptor)
    {
        descriptor = AllocateDescriptor();
        NativeMemory.Copy((void*)existing, (void*)descriptor, MemoryDescriptorBytes);
        return Status.Success;
    }

    public override ElementType TypeOf(nint descriptor) => *(ElementType*)(descriptor + TypeOffset);

    public override long[] ShapeOf(nint descriptor) =>
        new ReadOnlySpan<long>((void*)(descriptor + DimensionsOffset), *(int*)descriptor).ToArray();

    public override Status AppendRelu(nint postOperations) => appendEltwise(postOperations, 1, EltwiseRelu, 0, 0);

    public override Status CreateConvolution(
        PrimitiveRequest request, ConvolutionAlgorithm algorithm, in ConvolutionWindows geometry, out nint primitiveDescriptor)
    {
        (nint source, nint weights, nint bias, nint destination) = request.Operands;
        long* strides = stackalloc long[] { geometry.StrideHeight, geometry.StrideWidth };
        long* before = stackalloc long[] { geometry.PaddingTop, geometry.PaddingLeft };
        long* after = stackalloc long[] { geometry.PaddingBottom, geometry.PaddingRight };
        byte* operation = stackalloc byte[OperationDescriptorBytes];
        Status status = request.Propagation switch
        {
            Propagation.BackwardData =>
                convolutionBackwardData(operation, algorithm, source, weights, destination, strides, before, after),
            Propagation.BackwardWeights =>
                convolutionBackwardWeights(operation, algorithm, source, weights, bias, destination, strides, before, after),
            Propagation.ForwardTraining => convolutionForward(
                operation, request.Propagation, algorithm, source, weights, bias, destination, strides, before, after),
            _ => throw Unknown(request.Propagation),
        };
        return CreatePrimitiveDescriptor(status, operation, request, out primitiveDescriptor);
    }

    public override Status CreateInnerProduct(PrimitiveRequest request, out nint primitiveDescriptor)
    {
        (nint source, nint weights, nint bias, nint destination) = request.Operands;
        byte* operation = stackalloc byte[OperationDescriptorBytes];
        Status status = request.Propagation switch
        {
            Propagation.BackwardData => innerProductBackwardData(operation, source, weights, destination),
            Propagation.BackwardWeights => innerProductBackwardWeights(operation, source, weights, bias, destination),
            Propagation.ForwardTraining =>
                innerProductForward(operation, request.Propagation, source, weights, bias, destination),
            _ => throw Unknown(request.Propagation),
        };
        return CreatePrimitiveDescriptor(status, operation, request, out primitiveDescriptor);
    }

    private Status CreatePrimitiveDescriptor(
        Status initialized, byte* operation, in PrimitiveRequest request, out nint primitiveDescriptor)
    {
        nint created = 0;
        Status status = initialized == Status.Success
            ? primitiveDescriptorCreate(&created, operation, request.Attributes, request.Engine, request.ForwardHint)
            : initialized;
        primitiveDescriptor = created;
        return status;
    }

    private static nint AllocateDescriptor() => (nint)NativeMemory.AllocZeroed(MemoryDescriptorBytes);

    private static Status FreeUnlessSuccess(Status status, ref nint descriptor)
    {
        if (status != Status.Success)
        {
            NativeMemory.Free((void*)descriptor);
            descriptor = 0;
        }

        return status;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static Status FreeDescriptor(nint descriptor)
    {
        NativeMemory.Free((void*)descriptor);
        return Status.Success;
    }
}
