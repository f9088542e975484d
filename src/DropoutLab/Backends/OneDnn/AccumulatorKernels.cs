using System.Numerics.Tensors;

namespace DropoutLab.Backends.OneDnn;

/// <summary>Numbers that belong to no datum, such as losses and parameters: few enough for one thread.</summary>
internal abstract unsafe class AccumulatorKernel(string name, PlanBuffer result, int count, params PlanBuffer[] inputs) : Kernel
{
    public override IEnumerable<PlanBuffer> Buffers => [.. inputs, result];

    protected Span<float> Result => new((void*)result.Address, count);

    public override string ToString() => name;

    protected ReadOnlySpan<float> Input(int index) => new((void*)inputs[index].Address, count);
}

/// <summary>a + b.</summary>
internal sealed class SumKernel(PlanBuffer a, PlanBuffer b, PlanBuffer sum, int count)
    : AccumulatorKernel("Sum", sum, count, a, b)
{
    public override void Run() => TensorPrimitives.Add(Input(0), Input(1), Result);
}

/// <summary>f x.</summary>
internal sealed class ScaleKernel(PlanBuffer x, PlanBuffer y, int count, float factor) : AccumulatorKernel("Scale", y, count, x)
{
    public override void Run() => TensorPrimitives.Multiply(Input(0), factor, Result);
}

/// <summary>r + m (f x − r), of a number a channel.</summary>
internal sealed class RunningAverageKernel(
    PlanBuffer before, PlanBuffer now, PlanBuffer after, int count, float momentum, float factor)
    : AccumulatorKernel("RunningAverage", after, count, before, now)
{
    public override void Run()
    {
        ReadOnlySpan<float> old = Input(0), value = Input(1);
        Span<float> result = Result;
        for (int i = 0; i < result.Length; i++)
            result[i] = old[i] + momentum * (factor * value[i] - old[i]);
    }
}
