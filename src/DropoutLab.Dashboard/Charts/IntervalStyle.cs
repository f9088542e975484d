namespace DropoutLab.Dashboard.Charts;

/// <summary>How the intervals of a series are drawn.</summary>
public enum IntervalStyle
{
    /// <summary>A band along the line.</summary>
    Band,

    /// <summary>A bar at each point.</summary>
    Bars,

    /// <summary>The series is one value for every x: a line across the picture with a band.</summary>
    Across,
}
