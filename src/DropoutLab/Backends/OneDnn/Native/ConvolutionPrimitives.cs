namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>
/// The three passes of a two-dimensional convolution (cross-correlation, as everyone in the field has it):
/// y[n,o,i,j] = b[o] + Σ x[n,c,i·s+k−p,j·s+l−p] w[o,c,k,l].
/// </summary>
/// <remarks>
/// Each method returns null where nothing implements the operation for these types on this processor. Leave the layout of the
/// weights open (<see cref="MemoryDescriptor.Any"/>): for row-major ones oneDNN has only its reference loops, with AVX2 some
/// 300 times slower (<see cref="PrimitiveDescriptor.ImplementationName"/> tells).
/// </remarks>
internal static class ConvolutionPrimitives
{
    /// <summary>y from x, w and b, then max(y, 0) if <paramref name="fuseRelu"/>.</summary>
    /// <exception cref="OneDnnException">The shapes do not fit each other.</exception>
    public static PrimitiveDescriptor? TryForward(
        OneDnnLibrary library, Operands operands, in ConvolutionWindows geometry,
        ConvolutionAlgorithm algorithm = ConvolutionAlgorithm.Direct, bool fuseRelu = false)
    {
        using PrimitiveAttributes attributes = new PrimitiveAttributes(library, fuseRelu);
        return TryCreate(library, Propagation.ForwardTraining, operands, geometry, algorithm, attributes, hint: null);
    }

    /// <summary>∂J/∂x from ∂J/∂y and w.</summary>
    /// <exception cref="OneDnnException">The shapes do not fit each other.</exception>
    public static PrimitiveDescriptor? TryBackwardData(
        PrimitiveDescriptor forward, Operands operands, in ConvolutionWindows geometry,
        ConvolutionAlgorithm algorithm = ConvolutionAlgorithm.Direct)
    {
        using PrimitiveAttributes attributes = new PrimitiveAttributes(forward.Library);
        return TryCreate(
            forward.Library, Propagation.BackwardData, operands, geometry, algorithm, attributes, forward);
    }

    /// <summary>∂J/∂w, and ∂J/∂b where <see cref="Operands.Bias"/> is given, from x and ∂J/∂y.</summary>
    /// <exception cref="OneDnnException">The shapes do not fit each other.</exception>
    public static PrimitiveDescriptor? TryBackwardWeights(
        PrimitiveDescriptor forward, Operands operands, in ConvolutionWindows geometry,
        ConvolutionAlgorithm algorithm = ConvolutionAlgorithm.Direct)
    {
        using PrimitiveAttributes attributes = new PrimitiveAttributes(forward.Library);
        return TryCreate(
            forward.Library, Propagation.BackwardWeights, operands, geometry, algorithm, attributes, forward);
    }

    private static PrimitiveDescriptor? TryCreate(
        OneDnnLibrary library, Propagation propagation, Operands operands, in ConvolutionWindows geometry,
        ConvolutionAlgorithm algorithm, PrimitiveAttributes attributes, PrimitiveDescriptor? hint)
    {
        PrimitiveRequest request = new PrimitiveRequest(
            propagation, operands.Handles, library.Engine.Value, attributes.Value, hint?.Value ?? 0);
        Status status = library.Api.CreateConvolution(request, algorithm, geometry, out nint descriptor);
        GC.KeepAlive(operands);
        GC.KeepAlive(hint);
        return PrimitiveDescriptor.FromStatus(library, status, descriptor, $"convolution ({propagation})");
    }
}

/// <summary>How a convolution is computed (<c>dnnl_alg_kind_t</c>, these values the same in 2.x and 3.x).</summary>
internal enum ConvolutionAlgorithm
{
    /// <summary>Sums of products in the order of the definition, as blocked kernels.</summary>
    Direct = 1,

    /// <summary>oneDNN's choice between <see cref="Direct"/> and Winograd's, which rounds differently.</summary>
    Auto = 3,
}

/// <summary>Where a convolution's windows lie: strides and zero padding, in elements of the source.</summary>
internal readonly record struct ConvolutionWindows(
    int StrideHeight, int StrideWidth, int PaddingTop, int PaddingLeft, int PaddingBottom, int PaddingRight)
{
    /// <summary>The same stride and the same padding on every side.</summary>
    public static ConvolutionWindows Square(int stride, int padding) => new(stride, stride, padding, padding, padding, padding);
}
