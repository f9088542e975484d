using DropoutLab.Dashboard.Charts;
using DropoutLab.Dropout;

namespace DropoutLab.Dashboard.Report;

/// <summary>Cells of a table that differ by the first ratio alone: a row of the poster's table, a line of its figure.</summary>
/// <param name="Name">As in standard, or augmented, q = 0.0002.</param>
/// <param name="Style">The same on every picture.</param>
/// <param name="Cells">By the ratio's text.</param>
public sealed record Method(string Name, SeriesStyle Style, IReadOnlyDictionary<string, TableCell> Cells)
{
    /// <summary>The look of a rule.</summary>
    /// <param name="kind">Decides the colour.</param>
    /// <param name="number">Of the rule among those of its kind, from 0: augmented dropout may be there with several second ratios.</param>
    public static SeriesStyle StyleOf(DropoutKind kind, int number = 0)
    {
        (string colour, int first) = kind switch
        {
            DropoutKind.None => ("plain-series", 0),
            DropoutKind.Standard => ("standard-series", 1),
            DropoutKind.Forward => ("forward-series", 2),
            DropoutKind.Backward => ("backward-series", 3),
            DropoutKind.Augmented => ("augmented-series", 4),
            _ => ("independent-series", 5),
        };
        return new SeriesStyle(colour, Dashes[(first + number) % Dashes.Length], (Marker)((first + number) % Dashes.Length));
    }

    private static readonly string[] Dashes = ["", "7 3", "2 2.5", "9 3 2 3", "5 2 2 2 2 2", "12 3"];
}
