namespace DropoutLab.Backends.OneDnn;

/// <summary>A copy of some floats rounded to bfloat16, kept as floats: for processors that multiply no bfloat16.</summary>
internal sealed unsafe class RoundingKernel(PlanBuffer from, PlanBuffer to, int length) : Kernel
{
    public override IEnumerable<PlanBuffer> Buffers => [from, to];

    public override void Run()
    {
        for (int i = 0; i < length; i++)
            ((float*)to.Address)[i] = BFloat16Bits.ToSingle(BFloat16Bits.FromSingle(((float*)from.Address)[i]));
    }
}
