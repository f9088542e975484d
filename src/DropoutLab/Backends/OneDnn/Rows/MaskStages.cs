using System.Numerics.Tensors;
using DropoutLab.Dropout;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>Draws a mask that is read on its own.</summary>
internal sealed unsafe class DrawStage(RowOperand bits, DrawMask draw, StepState state) : RowStage(bits)
{
    private readonly MaskPattern pattern = new(draw.Mask.Sharing, draw.Shape.Axes);
    private MaskStream stream;

    public override void Begin() => stream = state.Stream(draw.Mask);

    public override void Run(in RowPlace place) => pattern.DrawRow(stream, state.Datum(place.Datum), bits.Words(place));
}

/// <summary>Draws a mask and multiplies with it, in one pass: y = x ⊙ ε / (1 − p).</summary>
internal sealed unsafe class DrawMaskedStage(RowOperand x, RowOperand bits, RowOperand y, DrawMask draw, StepState state)
    : RowStage(x, bits, y)
{
    private readonly MaskPattern pattern = new(draw.Mask.Sharing, draw.Shape.Axes);
    private MaskStream stream;

    public override void Begin() => stream = state.Stream(draw.Mask);

    public override void Run(in RowPlace place) =>
        pattern.DrawMultiplyRow(stream, state.Datum(place.Datum), bits.Words(place), x.Floats(place), y.Floats(place));
}

/// <summary>y = x ⊙ ε / (1 − p) with a mask whose bits are there, or with several at once.</summary>
/// <param name="x">What is masked.</param>
/// <param name="masks">Bits and drop probabilities.</param>
/// <param name="y">The product.</param>
/// <param name="features">Elements of a datum.</param>
/// <param name="state">Knows the step.</param>
internal sealed unsafe class MaskedStage(
    RowOperand x, IReadOnlyList<(RowOperand Bits, RatioSchedule DropProbability)> masks, RowOperand y, int features,
    StepState state)
    : RowStage([x, .. masks.Select(mask => mask.Bits), y])
{
    private const int WordsAtOnce = 64;

    private readonly RowOperand[] bits = [.. masks.Select(mask => mask.Bits)];
    // an array's loop allocates nothing
    private readonly RatioSchedule[] ratios = [.. masks.Select(mask => mask.DropProbability)];
    private float scale;

    public override void Begin()
    {
        double product = 1;
        foreach (RatioSchedule ratio in ratios)
            product *= ratio.ScaleAt(state.Step);
        scale = (float)product;
    }

    public override void Run(in RowPlace place)
    {
        float* from = x.Floats(place), to = y.Floats(place);
        if (bits.Length == 1)
        {
            MaskKernels.MultiplyRow(bits[0].Words(place), from, to, features, scale);
            return;
        }

        ulong* both = stackalloc ulong[WordsAtOnce];
        for (int first = 0; first * 64 < features; first += WordsAtOnce)
        {
            int begin = first * 64, count = Math.Min(features - begin, WordsAtOnce * 64);
            And(place, first, new Span<ulong>(both, MaskKernels.WordsPerRow(count)));
            MaskKernels.MultiplyRow(both, from + begin, to + begin, count, scale);
        }
    }

    /// <summary>What all masks keep.</summary>
    private void And(in RowPlace place, int first, Span<ulong> words)
    {
        words.Fill(ulong.MaxValue);
        foreach (RowOperand mask in bits)
            TensorPrimitives.BitwiseAnd(words, new ReadOnlySpan<ulong>(mask.Words(place) + first, words.Length), words);
    }
}
