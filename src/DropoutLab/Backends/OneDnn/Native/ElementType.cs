namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>Element types of native memory (<c>dnnl_data_type_t</c>, the same in 2.x and 3.x).</summary>
internal enum ElementType
{
    BFloat16 = 2,
    Float32 = 3,
}
