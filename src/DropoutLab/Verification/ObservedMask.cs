using DropoutLab.Auditing;
using DropoutLab.Dropout;
using DropoutLab.Graph;

namespace DropoutLab.Verification;

/// <summary>A mask as it shows in a factor of an audited step, and which draw each element of it used.</summary>
internal sealed class ObservedMask
{
    private readonly MaskSharing sharing;
    private readonly AuditedArray factor;
    private readonly bool[][] draws;

    /// <param name="name">Which one, as in "conv2 second".</param>
    /// <param name="factor">F or B: 0 where the mask drops.</param>
    /// <param name="sharing">What shares a draw.</param>
    public ObservedMask(string name, AuditedArray factor, MaskSharing sharing)
    {
        (Name, this.factor, this.sharing) = (name, factor, sharing);
        draws = Draws();
    }

    public string Name { get; }

    /// <summary>The datum and the feature that the draw of an element of a layer's input is named after.</summary>
    public static (uint Datum, int Feature) DrawOf(MaskSharing sharing, Shape shape, int element)
    {
        int features = shape.CountPerDatum;
        return (sharing.DrawnDatum((uint)(element / features)), sharing.DrawnFeature(shape.Axes, element % features));
    }

    /// <summary>How many masks a minibatch of so many data draws.</summary>
    public static int DrawnData(MaskSharing sharing, int data) => 1 + (int)sharing.DrawnDatum((uint)data - 1);

    /// <summary>How many elements fare otherwise than their draw.</summary>
    public int StrayElements()
    {
        int stray = 0;
        for (int element = 0; element < factor.Values.Length; element++)
        {
            (uint datum, int feature) = DrawOf(sharing, factor.Shape, element);
            stray += draws[datum][feature] == (factor.Values[element] != 0) ? 0 : 1;
        }

        return stray;
    }

    /// <summary>How many of a datum's draws fall as another datum's do, and how many there are.</summary>
    public (int Agreeing, int Draws) Compare(int datum, int other) => Compare(draws[datum], draws[other]);

    /// <summary>
    /// How many draws fall as another mask's of the same number do, and how many there are that both masks have.
    /// </summary>
    public (int Agreeing, int Draws) Compare(ObservedMask other) => Sum(draws.Zip(other.draws, Compare));

    /// <summary>Sums counts.</summary>
    public static (int Agreeing, int Draws) Sum(IEnumerable<(int Agreeing, int Draws)> counts) =>
        counts.Aggregate((sum, next) => (sum.Agreeing + next.Agreeing, sum.Draws + next.Draws));

    private static (int Agreeing, int Draws) Compare(bool[] one, bool[] other) =>
        (one.Zip(other).Count(pair => pair.First == pair.Second), Math.Min(one.Length, other.Length));

    /// <summary>
    /// Whether each draw keeps what uses it, a row for each datum that draws, as the first element that uses it has it.
    /// </summary>
    private bool[][] Draws()
    {
        int count = factor.Shape.CountPerDatum;
        int features = 1 + Enumerable.Range(0, count).Max(element => DrawOf(sharing, factor.Shape, element).Feature);
        bool[][] result = [.. Enumerable.Range(0, DrawnData(sharing, factor.Shape[0])).Select(_ => new bool[features])];
        // From the last to the first, so that the first one's word stands.
        for (int element = factor.Values.Length - 1; element >= 0; element--)
        {
            (uint datum, int feature) = DrawOf(sharing, factor.Shape, element);
            result[datum][feature] = factor.Values[element] != 0;
        }

        return result;
    }
}
