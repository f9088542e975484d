namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>How a primitive is to be built: with scratch memory from the caller, and with ReLU after it or not.</summary>
internal sealed unsafe class PrimitiveAttributes : IDisposable
{
    private const int ScratchpadModeUser = 1;

    private readonly OneDnnHandle handle;

    public PrimitiveAttributes(OneDnnLibrary library, bool fuseRelu = false)
    {
        OneDnnApi api = library.Api;
        nint attributes;
        api.Check(api.AttributesCreate(&attributes), "attributes");
        handle = library.Own(attributes, api.AttributesDestroy);
        api.Check(api.AttributesSetScratchpadMode(attributes, ScratchpadModeUser), "scratchpad mode");
        if (fuseRelu)
            SetRelu(library, attributes);
    }

    internal nint Value => handle.Value;

    public void Dispose() => handle.Dispose();

    private static void SetRelu(OneDnnLibrary library, nint attributes)
    {
        OneDnnApi api = library.Api;
        nint created;
        api.Check(api.PostOperationsCreate(&created), "post-operations");
        using OneDnnHandle postOperations = library.Own(created, api.PostOperationsDestroy);
        api.Check(api.AppendRelu(created), "ReLU as post-operation");
        api.Check(api.AttributesSetPostOperations(attributes, created), "attributes' post-operations");
    }
}
