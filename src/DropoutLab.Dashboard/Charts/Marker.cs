namespace DropoutLab.Dashboard.Charts;

/// <summary>The shape of a series' points: tells series apart without colour.</summary>
public enum Marker
{
    Circle,
    Square,
    Triangle,
    Diamond,
    TriangleDown,
    Cross,
}
