namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>
/// Shape, element type and layout of a native memory. The shape is in logical order (N×C×H×W, O×C×KH×KW) whatever the layout.
/// </summary>
internal sealed unsafe class MemoryDescriptor : IDisposable, IEquatable<MemoryDescriptor>
{
    private readonly OneDnnLibrary library;
    private readonly OneDnnHandle handle;

    private MemoryDescriptor(OneDnnLibrary library, nint descriptor)
    {
        this.library = library;
        handle = library.Own(descriptor, library.Api.MemoryDescriptorDestroy);
        Type = library.Api.TypeOf(descriptor);
        Shape = library.Api.ShapeOf(descriptor);
        ByteSize = (long)library.Api.MemoryDescriptorGetSize(descriptor);
    }

    public ElementType Type { get; }

    public IReadOnlyList<long> Shape { get; }

    /// <summary>Bytes of a memory of this description, padding of blocked layouts included; 0 where the layout is open.</summary>
    public long ByteSize { get; }

    /// <summary>The native descriptor, for a call after which this object is kept alive.</summary>
    internal nint Value => handle.Value;

    /// <summary>A description with the given strides, in elements, one a dimension.</summary>
    public static MemoryDescriptor Strided(
        OneDnnLibrary library, ElementType type, ReadOnlySpan<long> shape, ReadOnlySpan<long> strides)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(strides.Length, shape.Length);
        library.Api.Check(library.Api.CreateStrided(type, shape, strides, out nint descriptor), "strided memory descriptor");
        return new MemoryDescriptor(library, descriptor);
    }

    /// <summary>A description whose layout the primitive chooses.</summary>
    public static MemoryDescriptor Any(OneDnnLibrary library, ElementType type, ReadOnlySpan<long> shape)
    {
        library.Api.Check(library.Api.CreateAny(type, shape, out nint descriptor), "memory descriptor of any layout");
        return new MemoryDescriptor(library, descriptor);
    }

    /// <summary>Row-major: the last dimension is contiguous (NC, OIHW).</summary>
    public static MemoryDescriptor Dense(OneDnnLibrary library, ElementType type, ReadOnlySpan<long> shape)
    {
        Span<long> strides = stackalloc long[shape.Length];
        long stride = 1L;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= shape[i];
        }

        return Strided(library, type, shape, strides);
    }

    /// <summary>A batch of images of the logical shape N×C×H×W, kept with the channels innermost (NHWC).</summary>
    public static MemoryDescriptor ChannelsLast(
        OneDnnLibrary library, ElementType type, long batch, long channels, long height, long width) =>
        Strided(
            library, type, [batch, channels, height, width], [height * width * channels, 1, width * channels, channels]);

    /// <summary>A copy of a descriptor that oneDNN owns.</summary>
    internal static MemoryDescriptor Copy(OneDnnLibrary library, nint existing)
    {
        library.Api.Check(library.Api.Clone(existing, out nint descriptor), "copy of a memory descriptor");
        return new MemoryDescriptor(library, descriptor);
    }

    /// <summary>Whether two memories can stand for each other without a reorder.</summary>
    public bool Equals(MemoryDescriptor? other)
    {
        if (other is null)
            return false;
        bool equal = library.Api.MemoryDescriptorEqual(Value, other.Value) != 0;
        GC.KeepAlive(this);
        GC.KeepAlive(other);
        return equal;
    }

    public override bool Equals(object? obj) => Equals(obj as MemoryDescriptor);

    public override int GetHashCode()
    {
        HashCode hash = new HashCode();
        hash.Add(Type);
        foreach (long extent in Shape)
            hash.Add(extent);
        return hash.ToHashCode();
    }

    public void Dispose() => handle.Dispose();
}

/// <summary>Element types of native memory (<c>dnnl_data_type_t</c>, the same in 2.x and 3.x).</summary>
internal enum ElementType
{
    BFloat16 = 2,
    Float32 = 3,
}
