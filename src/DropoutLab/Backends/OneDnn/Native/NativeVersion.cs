using System.Runtime.InteropServices;

namespace DropoutLab.Backends.OneDnn.Native;

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
