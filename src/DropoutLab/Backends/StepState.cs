using DropoutLab.Dropout;

namespace DropoutLab.Backends;

/// <summary>What the masks of a step depend on besides their sources; kernels read it when they run.</summary>
internal sealed class StepState
{
    public ulong Seed { get; set; }

    public uint Step { get; set; }

    /// <summary>
    /// The place in the minibatch of the plan's first datum: 0, or more where a minibatch is cut over several plans.
    /// </summary>
    public uint FirstDatum { get; set; }

    /// <summary>The draws of a mask in the step that runs.</summary>
    public MaskStream Stream(MaskSource source) => source.Stream(Seed, Step);

    /// <summary>The place in the minibatch of the plan's <paramref name="row"/>-th datum.</summary>
    public uint Datum(int row) => FirstDatum + (uint)row;
}
