namespace DropoutLab.Backends.OneDnn;

/// <summary>r + m (f x − r), of a number a channel.</summary>
internal sealed unsafe class RunningAverageKernel(
    PlanBuffer before, PlanBuffer now, PlanBuffer after, int count, float momentum, float factor) : Kernel
{
    public override IEnumerable<PlanBuffer> Buffers => [before, now, after];

    public override void Run()
    {
        float* old = (float*)before.Address, value = (float*)now.Address, result = (float*)after.Address;
        for (int i = 0; i < count; i++)
            result[i] = old[i] + momentum * (factor * value[i] - old[i]);
    }

    public override string ToString() => "RunningAverage";
}
