using System.Numerics.Tensors;
using DropoutLab.Dropout;

namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>Draws a mask and multiplies with it, in one pass: y = x ⊙ ε / (1 − p).</summary>
internal sealed unsafe class DrawMaskedStage(RowOperand x, RowOperand bits, RowOperand y, StepMask mask) : RowStage(x, bits, y)
{
    public override void Begin() => mask.Begin();

    public override void Run(in RowPlace place) => mask.DrawMultiplyRow(place.Datum, bits.Words(place), x.Floats(place), y.Floats(place));
}

/// <summary>y = x ⊙ ε / (1 − p) with a mask drawn before, or with several at once.</summary>
internal sealed unsafe class MaskedStage(RowOperand x, IReadOnlyList<DrawnMask> masks, RowOperand y)
    : RowStage([x, .. masks.Select(mask => mask.Bits), y])
{
    private const int WordsAtOnce = 64;

    private readonly DrawnMask[] masks = [.. masks];
    private readonly int features = masks[0].Mask.Features;
    private float scale;

    public override void Begin()
    {
        double product = 1;
        foreach (DrawnMask mask in masks)
        {
            mask.Mask.Begin();
            product *= mask.Mask.Scale;
        }

        scale = (float)product;
    }

    public override void Run(in RowPlace place)
    {
        float* from = x.Floats(place), to = y.Floats(place);
        if (masks.Length == 1)
        {
            MaskKernels.MultiplyRow(masks[0].Bits.Words(place), from, to, features, scale);
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
        foreach (DrawnMask mask in masks)
            TensorPrimitives.BitwiseAnd(words, new ReadOnlySpan<ulong>(mask.Bits.Words(place) + first, words.Length), words);
    }
}

/// <summary>A mask, and where its bits are.</summary>
internal sealed record DrawnMask(RowOperand Bits, StepMask Mask);

/// <summary>Draws a mask that is read on its own.</summary>
internal sealed unsafe class DrawStage(RowOperand bits, StepMask mask) : RowStage(bits)
{
    public override void Begin() => mask.Begin();

    public override void Run(in RowPlace place) => mask.DrawRow(place.Datum, bits.Words(place));
}
