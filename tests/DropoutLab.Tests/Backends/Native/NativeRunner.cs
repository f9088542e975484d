using DropoutLab.Backends.OneDnn.Native;

namespace DropoutLab.Tests.Backends.Native;

/// <summary>Runs primitives on managed arrays in plain f32 layouts, with reorders to and from what the primitives want.</summary>
internal static unsafe class NativeRunner
{
    /// <summary>Executes a primitive once.</summary>
    /// <param name="descriptor">The primitive.</param>
    /// <param name="inputs">What it reads: the plain layout of the values, and the values in it.</param>
    /// <param name="outputs">What it writes, and the plain layout in which to return it, in f32.</param>
    /// <returns>The outputs, in the order given.</returns>
    public static float[][] Run(
        PrimitiveDescriptor descriptor,
        (Argument Argument, MemoryDescriptor Layout, float[] Values)[] inputs,
        (Argument Argument, MemoryDescriptor Layout)[] outputs)
    {
        using PrimitiveCall call = new PrimitiveCall(descriptor);
        using NativeBuffer scratchpad = new NativeBuffer(descriptor.ScratchpadByteSize);
        if (descriptor.ScratchpadByteSize > 0)
            call.Bind(Argument.Scratchpad, scratchpad.Address);

        Dictionary<Argument, NativeBuffer> buffers = new Dictionary<Argument, NativeBuffer>();
        foreach (var (argument, layout, values) in inputs)
            buffers[argument] = Load(descriptor, argument, layout, values);
        foreach (var (argument, _) in outputs)
            buffers[argument] = Allocate(descriptor, argument);
        foreach (var (argument, buffer) in buffers)
            call.Bind(argument, buffer.Address);
        call.Execute();
        descriptor.Library.Wait();

        float[][] results = outputs.Select(output => Store(descriptor, output.Argument, output.Layout, buffers)).ToArray();
        foreach (var buffer in buffers.Values)
            buffer.Dispose();
        return results;
    }

    /// <summary>Copies from one layout or element type to another.</summary>
    public static void Reorder(OneDnnLibrary library, MemoryDescriptor from, void* source, MemoryDescriptor to, void* destination)
    {
        using var descriptor = ReorderPrimitive.TryCreate(library, from, to);
        Assert.NotNull(descriptor);
        using PrimitiveCall call = new PrimitiveCall(descriptor);
        using NativeBuffer scratchpad = new NativeBuffer(descriptor.ScratchpadByteSize);
        if (descriptor.ScratchpadByteSize > 0)
            call.Bind(Argument.Scratchpad, scratchpad.Address);
        call.Bind(Argument.Source, source);
        call.Bind(Argument.Destination, destination);
        call.Execute();
        library.Wait();
    }

    private static NativeBuffer Allocate(PrimitiveDescriptor descriptor, Argument argument)
    {
        using var wanted = descriptor.Describe(argument);
        Assert.NotNull(wanted);
        return new NativeBuffer(wanted.ByteSize);
    }

    private static NativeBuffer Load(PrimitiveDescriptor descriptor, Argument argument, MemoryDescriptor layout, float[] values)
    {
        using var wanted = descriptor.Describe(argument);
        Assert.NotNull(wanted);
        NativeBuffer buffer = new NativeBuffer(wanted.ByteSize);
        fixed (float* source = values)
            Reorder(descriptor.Library, layout, source, wanted, buffer.Address);
        return buffer;
    }

    private static float[] Store(
        PrimitiveDescriptor descriptor, Argument argument, MemoryDescriptor layout, Dictionary<Argument, NativeBuffer> buffers)
    {
        using var wanted = descriptor.Describe(argument);
        Assert.NotNull(wanted);
        float[] values = new float[layout.ByteSize / sizeof(float)];
        fixed (float* destination = values)
            Reorder(descriptor.Library, wanted, buffers[argument].Address, layout, destination);
        return values;
    }
}
