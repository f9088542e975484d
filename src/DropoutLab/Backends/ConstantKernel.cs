using DropoutLab.Graph;

namespace DropoutLab.Backends;

/// <summary>A number that is there before the first run, and stays.</summary>
internal sealed class ConstantKernel : Kernel
{
    private readonly PlanBuffer buffer;
    private readonly double number;
    private readonly Precision precision;

    public ConstantKernel(PlanBuffer buffer, double number, Precision precision)
    {
        (this.buffer, this.number, this.precision) = (buffer, number, precision);
        buffer.IsPersistent = true;
    }

    public override IEnumerable<PlanBuffer> Buffers => [buffer];

    public override void Bind() =>
        ElementAccess.Write(buffer, ElementAccess.FormatOf(ElementKind.Accumulator, precision), 0, [number]);

    public override void Run()
    {
    }

    public override string ToString() => "Constant";
}
