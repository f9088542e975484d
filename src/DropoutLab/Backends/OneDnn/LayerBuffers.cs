using DropoutLab.Backends.OneDnn.Native;
using DropoutLab.Graph;

namespace DropoutLab.Backends.OneDnn;

/// <summary>
/// What the kernels of weight layers read and write. Where the processor multiplies no bfloat16, the same numbers are multiplied
/// as floats: what goes in has been rounded to bfloat16, and what comes out will be.
/// </summary>
internal sealed class LayerBuffers(PlanBuilder builder, FloatBuffers floats)
{
    private readonly Dictionary<Value, PlanBuffer> rounded = [];

    /// <summary>What the plan keeps activations in.</summary>
    public ElementType PlanType => builder.Precision == Precision.BFloat16 ? ElementType.BFloat16 : ElementType.Float32;

    /// <summary>An activation, in a type.</summary>
    public PlanBuffer Read(Value value, ElementType type) => type == PlanType ? builder.BufferOf(value) : floats.Of(value);

    /// <summary>Where to write an activation in a type; behind the kernel that does, <see cref="Wrote"/>.</summary>
    public PlanBuffer Write(Value value, ElementType type) => type == PlanType ? builder.BufferOf(value) : floats.ToWrite(value);

    public void Wrote(Value value, ElementType type)
    {
        if (type != PlanType)
            floats.Round(value);
    }

    /// <summary>
    /// A weight's floats that are multiplied: the master copy, in a bfloat16 plan rounded to what bfloat16 holds.
    /// </summary>
    public PlanBuffer Master(Value weight)
    {
        if (PlanType == ElementType.Float32)
            return builder.BufferOf(weight);
        if (rounded.TryGetValue(weight, out PlanBuffer? known))
            return known;
        PlanBuffer buffer = new(weight.Shape.Count * (long)sizeof(float), $"{weight}, rounded");
        builder.Kernels.Add(new RoundingKernel(builder.BufferOf(weight), buffer, weight.Shape.Count));
        rounded.Add(weight, buffer);
        return buffer;
    }
}

/// <summary>A copy of some floats rounded to bfloat16, kept as floats: for processors that multiply no bfloat16.</summary>
internal sealed unsafe class RoundingKernel(PlanBuffer from, PlanBuffer to, int length) : Kernel
{
    public override IEnumerable<PlanBuffer> Buffers => [from, to];

    public override void Run()
    {
        for (int i = 0; i < length; i++)
            ((float*)to.Address)[i] = BFloat16.Rounded(((float*)from.Address)[i]);
    }
}
