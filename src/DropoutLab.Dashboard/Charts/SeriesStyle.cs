using System.Diagnostics;

namespace DropoutLab.Dashboard.Charts;

/// <summary>How a series looks: three signs, of which each alone tells it from the others.</summary>
/// <param name="Colour">The class in Chart.css that has the colour.</param>
/// <param name="Dash">The line's dashes and gaps in pixels; empty for a whole line.</param>
/// <param name="Marker">The shape of its points.</param>
public sealed record SeriesStyle(string Colour, string Dash, Marker Marker)
{
    /// <summary>The marker's outline about the origin, as an SVG path.</summary>
    public string MarkerPath => Marker switch
    {
        Marker.Circle => "M-3.6 0a3.6 3.6 0 1 0 7.2 0a3.6 3.6 0 1 0 -7.2 0z",
        Marker.Square => "M-3.3 -3.3h6.6v6.6h-6.6z",
        Marker.Triangle => "M0 -4.4l4.2 7.2h-8.4z",
        Marker.Diamond => "M0 -4.8l4.3 4.8l-4.3 4.8l-4.3 -4.8z",
        Marker.TriangleDown => "M0 4.4l4.2 -7.2h-8.4z",
        Marker.Cross => "M-1.4 -4h2.8v2.6h2.6v2.8h-2.6v2.6h-2.8v-2.6h-2.6v-2.8h2.6z",
        _ => throw new UnreachableException($"there is no marker {Marker}"),
    };
}
