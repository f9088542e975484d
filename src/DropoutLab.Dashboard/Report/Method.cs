using DropoutLab.Dashboard.Charts;
using DropoutLab.Dropout;

namespace DropoutLab.Dashboard.Report;

/// <summary>Cells of a table that differ by the first ratio alone: a row of the poster's table, a line of its figure.</summary>
/// <param name="Name">As in standard, or augmented, q = 0.0002.</param>
/// <param name="Style">The same on every picture.</param>
/// <param name="Cells">By the ratio's text.</param>
public sealed record Method(string Name, SeriesStyle Style, IReadOnlyDictionary<string, TableCell> Cells)
{
    private static readonly string[] Dashes = ["", "7 3", "2 2.5", "9 3 2 3", "5 2 2 2 2 2", "12 3"];

    /// <summary>
    /// How many dashes and markers there are; below it each tells lines apart by itself, from there on both together.
    /// </summary>
    internal static int Signs => Dashes.Length;

    /// <summary>The look of a rule that is alone of its kind.</summary>
    public static SeriesStyle StyleOf(DropoutKind kind) => StyleOf(kind, SignOf(kind));

    /// <summary>The look of a rule.</summary>
    /// <param name="kind">Decides the colour.</param>
    /// <param name="sign">Decides dash and marker.</param>
    internal static SeriesStyle StyleOf(DropoutKind kind, int sign)
    {
        string colour = kind switch
        {
            DropoutKind.None => "plain-series",
            DropoutKind.Standard => "standard-series",
            DropoutKind.Forward => "forward-series",
            DropoutKind.Backward => "backward-series",
            DropoutKind.Augmented => "augmented-series",
            DropoutKind.AugmentedIndependent => "independent-series",
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such rule"),
        };
        return new SeriesStyle(colour, Dashes[sign % Signs], (Marker)((sign + sign / Signs) % Signs));
    }

    /// <summary>The sign of the first rule of a kind.</summary>
    internal static int SignOf(DropoutKind kind) => kind switch
    {
        DropoutKind.None => 0,
        DropoutKind.Standard => 1,
        DropoutKind.Forward => 2,
        DropoutKind.Backward => 3,
        DropoutKind.Augmented => 4,
        DropoutKind.AugmentedIndependent => 5,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such rule"),
    };
}
