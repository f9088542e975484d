using DropoutLab.Backends.OneDnn.Native;

namespace DropoutLab.Backends.OneDnn;

/// <summary>A oneDNN primitive over buffers.</summary>
internal sealed unsafe class PrimitiveKernel : Kernel
{
    private readonly PrimitiveCall call;
    private readonly Dictionary<Argument, PlanBuffer> arguments;
    private readonly string name;

    public PrimitiveKernel(PrimitiveDescriptor descriptor, Dictionary<Argument, PlanBuffer> arguments, string what)
    {
        call = new PrimitiveCall(descriptor);
        name = $"{what} ({descriptor.ImplementationName})";
        this.arguments = arguments;
        if (descriptor.ScratchpadByteSize > 0)
            arguments.Add(Argument.Scratchpad, new PlanBuffer(descriptor.ScratchpadByteSize, "scratch"));
    }

    public override IEnumerable<PlanBuffer> Buffers => arguments.Values;

    public override void Bind()
    {
        foreach ((Argument argument, PlanBuffer buffer) in arguments)
            call.Bind(argument, (void*)buffer.Address);
    }

    public override void Run() => call.Execute();

    public override void Dispose() => call.Dispose();

    public override string ToString() => name;
}
