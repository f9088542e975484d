using System.Runtime.InteropServices;

namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>An argument of an execution (<c>dnnl_exec_arg_t</c>).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ExecutionArgument
{
    public Argument Argument;
    public nint Memory;
}
