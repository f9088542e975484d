using DropoutLab.Dropout;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends;

/// <summary>A mask of a plan in the step that runs: its bits, and products with it, a datum at a time.</summary>
internal sealed unsafe class StepMask(DrawMask draw, StepState state)
{
    private readonly MaskPattern pattern = new(draw.Mask.Sharing, draw.Shape.Axes);
    private MaskStream stream;

    /// <summary>1/(1 − p).</summary>
    public double Scale { get; private set; }

    /// <summary>Elements of a datum.</summary>
    public int Features => pattern.Features;

    /// <summary>Takes over the step; then any thread may call the rest.</summary>
    public void Begin()
    {
        stream = draw.Mask.Stream(state.Seed, state.Step);
        Scale = stream.Scale;
    }

    /// <summary>Draws the bits of the datum that is number <paramref name="n"/> in the plan.</summary>
    public void DrawRow(int n, ulong* bits) => pattern.DrawRow(stream, state.FirstDatum + (uint)n, bits);

    /// <summary>The same, and y = x ⊙ ε / (1 − p), in one pass where every feature has a draw of its own.</summary>
    public void DrawMultiplyRow(int n, ulong* bits, float* x, float* y)
    {
        uint datum = state.FirstDatum + (uint)n;
        if (!pattern.SharesFeatures)
        {
            MaskKernels.DrawMultiplyRow(stream, pattern.DrawnDatum(datum), bits, x, y, pattern.Features, (float)Scale);
            return;
        }

        pattern.DrawRow(stream, datum, bits);
        MaskKernels.MultiplyRow(bits, x, y, pattern.Features, (float)Scale);
    }
}
