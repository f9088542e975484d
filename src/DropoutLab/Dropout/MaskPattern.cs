namespace DropoutLab.Dropout;

/// <summary>
/// A <see cref="MaskSharing"/> for inputs of one shape: draws the bits of a datum, of which several features may share one. The
/// draws are made in order and each of them once; along a shared axis the bits that are already there are copied.
/// </summary>
internal sealed unsafe class MaskPattern
{
    private readonly bool isAcrossData;
    private readonly int draws;
    private readonly Axis[] axes;

    /// <param name="sharing">Which axes are shared.</param>
    /// <param name="shape">The input's axes, the batch first.</param>
    /// <exception cref="DropoutLabException">The sharing does not fit the shape.</exception>
    public MaskPattern(MaskSharing sharing, ReadOnlySpan<int> shape)
    {
        sharing.CheckFit(shape, "an input");
        isAcrossData = sharing.AcrossData;
        axes = Merged(sharing, shape);
        Features = Product(axes);
        draws = Product(axes.Where(axis => !axis.IsShared));
    }

    /// <summary>The number of features of a datum.</summary>
    public int Features { get; }

    /// <summary>Whether several features of a datum share one draw.</summary>
    public bool SharesFeatures => draws < Features;

    /// <summary>The datum whose draws this datum uses.</summary>
    public uint DrawnDatum(uint datum) => isAcrossData ? 0 : datum;

    /// <summary>Draws the mask bits of one datum, laid out as <see cref="MaskKernels"/> says.</summary>
    public void DrawRow(in MaskStream stream, uint datum, ulong* bits)
    {
        if (!SharesFeatures)
        {
            MaskKernels.DrawRow(stream, DrawnDatum(datum), bits, Features);
            return;
        }

        ulong* buffer = stackalloc ulong[DrawnBits.BufferWords];
        DrawnBits drawn = new(stream, DrawnDatum(datum), draws, buffer);
        BitWriter row = new(bits);
        Write(0, ref drawn, ref row);
    }

    /// <summary>Writes the features along an axis and those within it, once.</summary>
    private void Write(int depth, ref DrawnBits drawn, ref BitWriter row)
    {
        Axis axis = axes[depth];
        int inner = axes.Length - 1 - depth;
        if (axis.IsShared && inner == 0)
        {
            row.AppendStretched(ref drawn, draws: 1, axis.Length);
        }
        else if (axis.IsShared && inner == 1 && axes[^1].Length <= 64)
        {
            row.AppendRepeated(ref drawn, axes[^1].Length, axis.Length);
        }
        else if (axis.IsShared)
        {
            int start = row.Position;
            Write(depth + 1, ref drawn, ref row);
            row.Repeat(start, axis.Length);
        }
        else if (inner == 0)
        {
            row.Append(ref drawn, axis.Length);
        }
        else if (inner == 1)
        {
            // Neighbours differ, so the last axis is shared.
            row.AppendStretched(ref drawn, axis.Length, axes[^1].Length);
        }
        else
        {
            for (int i = 0; i < axis.Length; i++)
                Write(depth + 1, ref drawn, ref row);
        }
    }

    /// <summary>The axes of a datum, outermost first: neighbours of one kind are one axis, and length 1 is none.</summary>
    private static Axis[] Merged(MaskSharing sharing, ReadOnlySpan<int> shape)
    {
        List<Axis> merged = [];
        for (int i = 1; i < shape.Length; i++)
        {
            Axis axis = new(shape[i], sharing.IsShared(i, shape.Length));
            if (axis.Length == 1)
                continue;
            if (merged.Count > 0 && merged[^1].IsShared == axis.IsShared)
                merged[^1] = axis with { Length = checked(axis.Length * merged[^1].Length) };
            else
                merged.Add(axis);
        }

        return [.. merged];
    }

    private static int Product(IEnumerable<Axis> axes) => axes.Aggregate(1, (product, axis) => checked(product * axis.Length));

    private readonly record struct Axis(int Length, bool IsShared);
}
