using DropoutLab.Auditing;
using DropoutLab.Dropout;
using DropoutLab.Graph;

namespace DropoutLab.Verification;

/// <summary>Which of a mask's draws each element of a layer's input uses.</summary>
internal static class MaskDraws
{
    /// <summary>The datum and the feature that an element's draw is named after.</summary>
    public static (uint Datum, int Feature) Of(MaskSharing sharing, Shape shape, int element)
    {
        int features = shape.CountPerDatum;
        return (sharing.DrawnDatum((uint)(element / features)), sharing.DrawnFeature(shape.Axes, element % features));
    }

    /// <summary>
    /// Whether each draw of a mask keeps what uses it, a row for each datum that draws, as the first element that uses it has it.
    /// </summary>
    public static bool[][] Read(AuditedArray factor, MaskSharing sharing)
    {
        int count = factor.Shape.CountPerDatum;
        int features = 1 + Enumerable.Range(0, count).Max(element => Of(sharing, factor.Shape, element).Feature);
        bool[][] draws = [.. Enumerable.Range(0, sharing.AcrossData ? 1 : factor.Shape[0]).Select(_ => new bool[features])];
        // From the last to the first, so that the first one's word stands.
        for (int element = factor.Values.Length - 1; element >= 0; element--)
        {
            (uint datum, int feature) = Of(sharing, factor.Shape, element);
            draws[datum][feature] = factor.Values[element] != 0;
        }

        return draws;
    }
}
