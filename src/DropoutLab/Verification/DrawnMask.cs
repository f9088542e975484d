using DropoutLab.Auditing;
using DropoutLab.Dropout;

namespace DropoutLab.Verification;

/// <summary>A mask as the engine drew it.</summary>
internal sealed class DrawnMask
{
    private readonly MaskSharing sharing;
    private readonly AuditedArray factor;
    private readonly bool[][] draws;

    /// <param name="name">Which one, as in "conv2 second".</param>
    /// <param name="factor">F or B: 0 where the mask drops.</param>
    /// <param name="sharing">What shares a draw.</param>
    public DrawnMask(string name, AuditedArray factor, MaskSharing sharing)
    {
        (Name, this.factor, this.sharing) = (name, factor, sharing);
        draws = MaskDraws.Read(factor, sharing);
    }

    public string Name { get; }

    /// <summary>How many elements fare otherwise than their draw.</summary>
    public int StrayElements()
    {
        int stray = 0;
        for (int element = 0; element < factor.Values.Length; element++)
        {
            (uint datum, int feature) = MaskDraws.Of(sharing, factor.Shape, element);
            stray += draws[datum][feature] == (factor.Values[element] != 0) ? 0 : 1;
        }

        return stray;
    }

    /// <summary>How many of a datum's draws fall as another datum's do, and how many there are.</summary>
    public (int Agreeing, int Draws) Compare(int datum, int other) => Compare(draws[datum], draws[other]);

    /// <summary>How many draws fall as another mask's of the same number do, and how many there are that both masks have.</summary>
    public (int Agreeing, int Draws) Compare(DrawnMask other) => Sum(draws.Zip(other.draws, Compare));

    /// <summary>Sums counts.</summary>
    public static (int Agreeing, int Draws) Sum(IEnumerable<(int Agreeing, int Draws)> counts) =>
        counts.Aggregate((sum, next) => (sum.Agreeing + next.Agreeing, sum.Draws + next.Draws));

    private static (int Agreeing, int Draws) Compare(bool[] one, bool[] other) =>
        (one.Zip(other).Count(pair => pair.First == pair.Second), Math.Min(one.Length, other.Length));
}
