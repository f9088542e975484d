using System.Runtime.InteropServices;

namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>
/// oneDNN 3.x: memory descriptors are opaque, and primitive descriptors are made without an operation descriptor.
/// </summary>
internal sealed unsafe class OneDnn3Api(nint module) : OneDnnApi(module)
{
    private const int FormatTagAny = 1;
    private const int EltwiseRelu = 0x20;
    private const int QueryRank = 256;
    private const int QueryDimensions = 257;
    private const int QueryType = 258;

    private readonly delegate* unmanaged[Cdecl]<nint*, int, long*, ElementType, long*, Status> createWithStrides =
        (delegate* unmanaged[Cdecl]<nint*, int, long*, ElementType, long*, Status>)
        NativeLibrary.GetExport(module, "dnnl_memory_desc_create_with_strides");

    private readonly delegate* unmanaged[Cdecl]<nint*, int, long*, ElementType, int, Status> createWithTag =
        (delegate* unmanaged[Cdecl]<nint*, int, long*, ElementType, int, Status>)
        NativeLibrary.GetExport(module, "dnnl_memory_desc_create_with_tag");

    private readonly delegate* unmanaged[Cdecl]<nint*, nint, Status> clone =
        (delegate* unmanaged[Cdecl]<nint*, nint, Status>)NativeLibrary.GetExport(module, "dnnl_memory_desc_clone");

    private readonly delegate* unmanaged[Cdecl]<nint, int, void*, Status> query =
        (delegate* unmanaged[Cdecl]<nint, int, void*, Status>)NativeLibrary.GetExport(module, "dnnl_memory_desc_query");

    private readonly delegate* unmanaged[Cdecl]<nint, Status> destroy =
        (delegate* unmanaged[Cdecl]<nint, Status>)NativeLibrary.GetExport(module, "dnnl_memory_desc_destroy");

    private readonly delegate* unmanaged[Cdecl]<nint, int, float, float, Status> appendEltwise =
        (delegate* unmanaged[Cdecl]<nint, int, float, float, Status>)
        NativeLibrary.GetExport(module, "dnnl_post_ops_append_eltwise");

    private readonly delegate* unmanaged[Cdecl]<
        nint*, nint, Propagation, ConvolutionAlgorithm, nint, nint, nint, nint, long*, long*, long*, long*, nint, Status>
        convolutionForward =
        (delegate* unmanaged[Cdecl]<
            nint*, nint, Propagation, ConvolutionAlgorithm, nint, nint, nint, nint, long*, long*, long*, long*, nint, Status>)
        NativeLibrary.GetExport(module, "dnnl_convolution_forward_primitive_desc_create");

    private readonly delegate* unmanaged[Cdecl]<
        nint*, nint, ConvolutionAlgorithm, nint, nint, nint, long*, long*, long*, long*, nint, nint, Status>
        convolutionBackwardData =
        (delegate* unmanaged[Cdecl]<
            nint*, nint, ConvolutionAlgorithm, nint, nint, nint, long*, long*, long*, long*, nint, nint, Status>)
        NativeLibrary.GetExport(module, "dnnl_convolution_backward_data_primitive_desc_create");

    private readonly delegate* unmanaged[Cdecl]<
        nint*, nint, ConvolutionAlgorithm, nint, nint, nint, nint, long*, long*, long*, long*, nint, nint, Status>
        convolutionBackwardWeights =
        (delegate* unmanaged[Cdecl]<
            nint*, nint, ConvolutionAlgorithm, nint, nint, nint, nint, long*, long*, long*, long*, nint, nint, Status>)
        NativeLibrary.GetExport(module, "dnnl_convolution_backward_weights_primitive_desc_create");

    private readonly delegate* unmanaged[Cdecl]<
        nint*, nint, Propagation, nint, nint, nint, nint, nint, Status> innerProductForward =
        (delegate* unmanaged[Cdecl]<nint*, nint, Propagation, nint, nint, nint, nint, nint, Status>)
        NativeLibrary.GetExport(module, "dnnl_inner_product_forward_primitive_desc_create");

    private readonly delegate* unmanaged[Cdecl]<nint*, nint, nint, nint, nint, nint, nint, Status> innerProductBackwardData =
        (delegate* unmanaged[Cdecl]<nint*, nint, nint, nint, nint, nint, nint, Status>)
        NativeLibrary.GetExport(module, "dnnl_inner_product_backward_data_primitive_desc_create");

    private readonly delegate* unmanaged[Cdecl]<
        nint*, nint, nint, nint, nint, nint, nint, nint, Status> innerProductBackwardWeights =
        (delegate* unmanaged[Cdecl]<nint*, nint, nint, nint, nint, nint, nint, nint, Status>)
        NativeLibrary.GetExport(module, "dnnl_inner_product_backward_weights_primitive_desc_create");

    public override delegate* unmanaged[Cdecl]<nint, Status> MemoryDescriptorDestroy => destroy;

    public override Status CreateStrided(
        ElementType type, ReadOnlySpan<long> shape, ReadOnlySpan<long> strides, out nint descriptor)
    {
        descriptor = 0;
        fixed (nint* created = &descriptor)
        fixed (long* dimensions = shape, steps = strides)
            return createWithStrides(created, shape.Length, dimensions, type, steps);
    }

    public override Status CreateAny(ElementType type, ReadOnlySpan<long> shape, out nint descriptor)
    {
        descriptor = 0;
        fixed (nint* created = &descriptor)
        fixed (long* dimensions = shape)
            return createWithTag(created, shape.Length, dimensions, type, FormatTagAny);
    }

    public override Status Clone(nint existing, out nint descriptor)
    {
        descriptor = 0;
        fixed (nint* created = &descriptor)
            return clone(created, existing);
    }

    public override ElementType TypeOf(nint descriptor)
    {
        ElementType type;
        Check(query(descriptor, QueryType, &type), "memory descriptor's type");
        return type;
    }

    public override long[] ShapeOf(nint descriptor)
    {
        int rank;
        long* dimensions;
        Check(query(descriptor, QueryRank, &rank), "memory descriptor's rank");
        Check(query(descriptor, QueryDimensions, &dimensions), "memory descriptor's dimensions");
        return new ReadOnlySpan<long>(dimensions, rank).ToArray();
    }

    public override Status AppendRelu(nint postOperations) => appendEltwise(postOperations, EltwiseRelu, 0, 0);

    public override Status CreateConvolution(
        PrimitiveRequest request, ConvolutionAlgorithm algorithm, in ConvolutionWindows geometry, out nint primitiveDescriptor)
    {
        (Propagation propagation, (nint source, nint weights, nint bias, nint destination),
            nint engine, nint attributes, nint hint) = request;
        long* strides = stackalloc long[] { geometry.StrideHeight, geometry.StrideWidth };
        long* dilations = stackalloc long[] { 0, 0 };
        long* before = stackalloc long[] { geometry.PaddingTop, geometry.PaddingLeft };
        long* after = stackalloc long[] { geometry.PaddingBottom, geometry.PaddingRight };
        primitiveDescriptor = 0;
        fixed (nint* created = &primitiveDescriptor)
        {
            return propagation switch
            {
                Propagation.BackwardData => convolutionBackwardData(
                    created, engine, algorithm, source, weights, destination, strides, dilations, before, after, hint,
                    attributes),
                Propagation.BackwardWeights => convolutionBackwardWeights(
                    created, engine, algorithm, source, weights, bias, destination,
                    strides, dilations, before, after, hint, attributes),
                Propagation.ForwardTraining => convolutionForward(
                    created, engine, propagation, algorithm, source, weights, bias, destination,
                    strides, dilations, before, after, attributes),
                _ => throw Unknown(propagation),
            };
        }
    }

    public override Status CreateInnerProduct(PrimitiveRequest request, out nint primitiveDescriptor)
    {
        (Propagation propagation, (nint source, nint weights, nint bias, nint destination),
            nint engine, nint attributes, nint hint) = request;
        primitiveDescriptor = 0;
        fixed (nint* created = &primitiveDescriptor)
        {
            return propagation switch
            {
                Propagation.BackwardData =>
                    innerProductBackwardData(created, engine, source, weights, destination, hint, attributes),
                Propagation.BackwardWeights =>
                    innerProductBackwardWeights(created, engine, source, weights, bias, destination, hint, attributes),
                Propagation.ForwardTraining =>
                    innerProductForward(created, engine, propagation, source, weights, bias, destination, attributes),
                _ => throw Unknown(propagation),
            };
        }
    }
}
