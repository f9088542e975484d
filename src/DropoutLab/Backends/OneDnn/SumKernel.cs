using System.Numerics.Tensors;

namespace DropoutLab.Backends.OneDnn;

/// <summary>a + b, of parameters or their gradients.</summary>
internal sealed unsafe class SumKernel(PlanBuffer a, PlanBuffer b, PlanBuffer sum, int count) : Kernel
{
    public override IEnumerable<PlanBuffer> Buffers => [a, b, sum];

    public override void Run() => TensorPrimitives.Add(
        new ReadOnlySpan<float>((void*)a.Address, count), new ReadOnlySpan<float>((void*)b.Address, count), new Span<float>((void*)sum.Address, count));

    public override string ToString() => "Sum";
}
