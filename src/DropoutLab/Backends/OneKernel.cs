using DropoutLab.Graph;

namespace DropoutLab.Backends;

/// <summary>∂J/∂J.</summary>
internal sealed class OneKernel(PlanBuffer one, Precision precision) : Kernel
{
    public override IEnumerable<PlanBuffer> Buffers => [one];

    public override void Run() => ElementAccess.Store(one, ElementAccess.FormatOf(ElementKind.Accumulator, precision), 0, 1);

    public override string ToString() => "1";
}
