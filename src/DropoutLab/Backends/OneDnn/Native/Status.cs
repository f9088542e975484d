namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>What a function of oneDNN returns (<c>dnnl_status_t</c>, the same in 2.x and 3.x).</summary>
internal enum Status
{
    Success = 0,
    OutOfMemory = 1,
    InvalidArguments = 2,
    Unimplemented = 3,
}
