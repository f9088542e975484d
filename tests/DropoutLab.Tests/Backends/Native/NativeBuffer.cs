using System.Runtime.InteropServices;

namespace DropoutLab.Tests.Backends.Native;

/// <summary>Native memory for a test, aligned to 64 bytes.</summary>
internal sealed unsafe class NativeBuffer(long byteSize) : IDisposable
{
    public void* Address { get; } = NativeMemory.AlignedAlloc((nuint)Math.Max(byteSize, 1), 64);

    public Span<float> Floats => new(Address, (int)(byteSize / sizeof(float)));

    public Span<ushort> Halves => new(Address, (int)(byteSize / sizeof(ushort)));

    public void Dispose() => NativeMemory.AlignedFree(Address);
}
