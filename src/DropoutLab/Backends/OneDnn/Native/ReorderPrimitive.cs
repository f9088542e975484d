namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>Copies a memory into another layout or element type of the same shape (bfloat16: round to nearest even).</summary>
internal static unsafe class ReorderPrimitive
{
    /// <summary>
    /// From <see cref="Argument.Source"/> to <see cref="Argument.Destination"/>; null where nothing implements it here.
    /// </summary>
    /// <exception cref="OneDnnException">The shapes differ.</exception>
    public static PrimitiveDescriptor? TryCreate(OneDnnLibrary library, MemoryDescriptor from, MemoryDescriptor to)
    {
        using PrimitiveAttributes attributes = new PrimitiveAttributes(library);
        nint engine = library.Engine.Value;
        nint descriptor = 0;
        Status status = library.Api.ReorderPrimitiveDescriptorCreate(
            &descriptor, from.Value, engine, to.Value, engine, attributes.Value);
        GC.KeepAlive(from);
        GC.KeepAlive(to);
        return PrimitiveDescriptor.FromStatus(library, status, descriptor, "reorder");
    }
}
