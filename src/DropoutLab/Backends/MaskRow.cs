using DropoutLab.Dropout;

namespace DropoutLab.Backends;

/// <summary>The mask of one datum in a running step.</summary>
internal static unsafe class MaskRow
{
    /// <summary>Writes the bits of the datum that is number <paramref name="n"/> in the plan.</summary>
    public static void Draw(MaskSource source, StepState state, int n, ulong* bits, int features)
    {
        MaskStream stream = new(state.Seed, source.Layer, source.Which, state.Step, source.DropProbability);
        MaskKernels.DrawRow(stream, source.Sharing.DrawnDatum(state.FirstDatum + (uint)n), bits, features);
    }
}
