namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>The three passes of an inner product: y[n,o] = b[o] + Σ x[n,c] w[o,c], or over c, h and w of images.</summary>
/// <remarks>Each method returns null where nothing implements the operation for these types on this processor.</remarks>
internal static class InnerProductPrimitives
{
    /// <summary>y from x, w and b, then max(y, 0) if <paramref name="fuseRelu"/>.</summary>
    /// <exception cref="OneDnnException">The shapes do not fit each other.</exception>
    public static PrimitiveDescriptor? TryForward(OneDnnLibrary library, Operands operands, bool fuseRelu = false)
    {
        using PrimitiveAttributes attributes = new PrimitiveAttributes(library, fuseRelu);
        return TryCreate(library, Propagation.ForwardTraining, operands, attributes, hint: null);
    }

    /// <summary>∂J/∂x from ∂J/∂y and w.</summary>
    /// <exception cref="OneDnnException">The shapes do not fit each other.</exception>
    public static PrimitiveDescriptor? TryBackwardData(PrimitiveDescriptor forward, Operands operands)
    {
        using PrimitiveAttributes attributes = new PrimitiveAttributes(forward.Library);
        return TryCreate(forward.Library, Propagation.BackwardData, operands, attributes, forward);
    }

    /// <summary>∂J/∂w, and ∂J/∂b where <see cref="Operands.Bias"/> is given, from x and ∂J/∂y.</summary>
    /// <exception cref="OneDnnException">The shapes do not fit each other.</exception>
    public static PrimitiveDescriptor? TryBackwardWeights(PrimitiveDescriptor forward, Operands operands)
    {
        using PrimitiveAttributes attributes = new PrimitiveAttributes(forward.Library);
        return TryCreate(forward.Library, Propagation.BackwardWeights, operands, attributes, forward);
    }

    private static PrimitiveDescriptor? TryCreate(
        OneDnnLibrary library, Propagation propagation, Operands operands, PrimitiveAttributes attributes,
        PrimitiveDescriptor? hint)
    {
        PrimitiveRequest request = new PrimitiveRequest(
            propagation, operands.Handles, library.Engine.Value, attributes.Value, hint?.Value ?? 0);
        Status status = library.Api.CreateInnerProduct(request, out nint descriptor);
        GC.KeepAlive(operands);
        GC.KeepAlive(hint);
        return PrimitiveDescriptor.FromStatus(library, status, descriptor, $"inner product ({propagation})");
    }
}
