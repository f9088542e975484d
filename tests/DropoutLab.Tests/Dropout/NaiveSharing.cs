using DropoutLab.Dropout;

namespace DropoutLab.Tests.Dropout;

/// <summary>Which draw an element uses under a sharing, worked out from the sharing's text, coordinate by coordinate.</summary>
internal static class NaiveSharing
{
    /// <summary>The datum and the number of the draw of element (datum, feature) of an input of this shape.</summary>
    public static (uint Datum, int Draw) DrawOf(MaskSharing sharing, int[] shape, uint datum, int feature)
    {
        bool[] shared = Shared($"{sharing}", shape.Length);
        int[] coordinates = Coordinates(shape[1..], feature);
        int draw = 0;
        for (int axis = 1; axis < shape.Length; axis++)
            draw = shared[axis] ? draw : draw * shape[axis] + coordinates[axis - 1];
        return (shared[0] ? 0 : $"{sharing}" == "pair" ? datum / 2 : datum, draw);
    }

    /// <summary>A word a 64 features of one datum.</summary>
    public static ulong[] Bits(in MaskStream stream, MaskSharing sharing, int[] shape, uint datum)
    {
        int features = shape[1..].Aggregate(1, (product, length) => product * length);
        ulong[] bits = new ulong[(features + 63) / 64];
        for (int feature = 0; feature < features; feature++)
        {
            (uint drawnDatum, int draw) = DrawOf(sharing, shape, datum, feature);
            bits[feature / 64] |= stream.Keeps(drawnDatum, draw) ? 1UL << feature % 64 : 0;
        }

        return bits;
    }

    private static bool[] Shared(string sharing, int rank) => sharing.Split(':') switch
    {
        ["per-datum"] or ["pair"] => new bool[rank],
        ["per-minibatch"] => [true, .. new bool[rank - 1]],
        ["channel"] => [.. Enumerable.Range(0, rank).Select(axis => axis != 0 && axis != rank - 1)],
        [_, string entries] => [.. entries.Split(',').Select(entry => entry == "1")],
        _ => throw new ArgumentException(sharing, nameof(sharing)),
    };

    private static int[] Coordinates(int[] axes, int feature)
    {
        int[] coordinates = new int[axes.Length];
        for (int axis = axes.Length - 1; axis >= 0; axis--)
            (feature, coordinates[axis]) = (feature / axes[axis], feature % axes[axis]);
        return coordinates;
    }
}
